import { expect, it } from 'vitest';
import { noAbsentData } from '../../../src/engine/conditions/absent-data.ts';
import { compileRuleSets } from '../../../src/engine/evaluation/rules.ts';
import { badgeRules } from '../../support/badges.ts';

const vocabulary = { timeZone: 'UTC', segments: [], lifecycles: [], riskModel: null };
const rules = compileRuleSets('w', vocabulary, [], [badgeRules]);

const compiled = (placed: string[]) => {
  const { sets, plan } = rules.compile('given', noAbsentData, new Set(placed));
  return { sets: sets.map(({ id }) => id), needs: [...plan.needs.eventNames] };
};

it('compiles no SQL for a rule set without placed customers in the batch', () => {
  expect(compiled([])).toEqual({ sets: ['BUYER'], needs: [] });
  expect(compiled(['TESTER'])).toEqual({ sets: ['BUYER', 'TESTER'], needs: ['Tested'] });
});

it('compiles the same rule sets for the same customers once', () => {
  const compile = () => rules.compile('given', noAbsentData, new Set());

  expect(compile()).toBe(compile());
});
