import fc from 'fast-check';
import { expect, it } from 'vitest';
import { holds, type Rule, type RuleFacts, stageOf } from '../../../src/lifecycles/rule.ts';
import { article000 } from '../../../src/lifecycles/templates.ts';

const nobody: RuleFacts = { orders: 0, identified: false, lead: false };
const yes: Rule = { all: [] };
const no: Rule = { any: [] };

it.each<[string, Rule, Partial<RuleFacts>, boolean]>([
  ['all of nothing', yes, {}, true],
  ['any of nothing', no, {}, false],
  ['all, of which one fails', { all: [yes, no] }, {}, false],
  ['any, of which one holds', { any: [no, yes] }, {}, true],
  ['nested groups', { all: [{ any: [no, { all: [yes, yes] }] }] }, {}, true],
  ['enough orders', { fact: 'orders', atLeast: 2 }, { orders: 2 }, true],
  ['too few orders', { fact: 'orders', atLeast: 2 }, { orders: 1 }, false],
  ['identified', { fact: 'identified', is: true }, { identified: true }, true],
  ['not identified', { fact: 'identified', is: false }, { identified: true }, false],
  ['no lead', { fact: 'lead', is: false }, {}, true],
])('judges %s', (_what, rule, facts, expected) => {
  expect(holds(rule, { ...nobody, ...facts })).toBe(expected);
});

it('puts a customer into the last stage whose rule holds', () => {
  const stages = [
    { key: 'A', rule: yes },
    { key: 'B', rule: yes },
    { key: 'C', rule: no },
  ];

  expect(stageOf(stages, nobody)?.key).toBe('B');
  expect(stageOf(stages.slice(2), nobody)).toBeUndefined();
});

it('names the five stages of article 000 in order', () => {
  expect(article000.stages.map(({ key }) => key)).toEqual([
    'REACH',
    'ACQUISITION',
    'CONVERSION',
    'RETENTION',
    'LOYALTY',
  ]);
});

it('has a place for everybody in article 000', () => {
  const facts = fc.record({
    orders: fc.integer({ min: 0, max: 8 }),
    identified: fc.boolean(),
    lead: fc.boolean(),
  });
  fc.assert(
    fc.property(facts, (known) => {
      const { orders, identified, lead } = known;
      const contact = identified || lead ? 'ACQUISITION' : 'REACH';
      const byOrders = ['', 'CONVERSION', 'RETENTION', 'RETENTION', 'RETENTION'];

      expect(stageOf(article000.stages, known)?.key).toBe(
        orders === 0 ? contact : (byOrders[orders] ?? 'LOYALTY'),
      );
    }),
  );
});
