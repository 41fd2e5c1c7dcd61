import { expect, it } from 'vitest';
import { dueOf } from '../../../src/engine/evaluation/evaluate-customers.ts';
import type { RuleSetGroup } from '../../../src/engine/evaluation/rule-set-kind.ts';

const group = (at: number): RuleSetGroup => ({
  sets: [],
  activation: { at, cause: 'MODEL_REFIT' },
  store: () => undefined,
  toChange: () => undefined,
});

const at = (ms: number | null) => (ms === null ? null : new Date(ms));

it.each<[string, number, number | null, number[], number, string | undefined]>([
  ['no rules were activated', 10, 50, [], 50, 'DEFINITION'],
  ['it is never due', 10, null, [], Infinity, 'DEFINITION'],
  ['it was evaluated before the activation', 10, 50, [30], 30, 'MODEL_REFIT'],
  ['it is due before the activation', 10, 20, [30], 20, 'DEFINITION'],
  ['it was evaluated since the activation', 40, 50, [30], 50, 'DEFINITION'],
  ['two were activated: by the earlier one', 10, 50, [40, 30], 30, 'MODEL_REFIT'],
])('is due when %s', (_case, evaluatedAt, dueAt, activations, due, dueCause) => {
  const groups = new Map(activations.map((one, index) => [String(index), group(one)]));
  const customer = {
    evaluatedAt: new Date(evaluatedAt),
    dueAt: at(dueAt),
    dueCause: 'DEFINITION' as const,
  };

  expect(dueOf(customer, { groups })).toEqual({ due, dueCause });
});

it('is not due for the activation that triggered the evaluation', () => {
  const customer = { evaluatedAt: new Date(10), dueAt: null, dueCause: null };
  const groups = new Map([['g', group(30)]]);

  expect(dueOf(customer, { groups }, { cause: 'MODEL_REFIT' }).due).toBe(Infinity);
  expect(dueOf(customer, { groups }, { cause: 'MANUAL' }).due).toBe(30);
});
