import { expect, it } from 'vitest';
import { parseGoals } from '../../../src/domains/lifecycles/definition/goal.ts';

const goal = { metric: 'repeat_rate', comparison: 'atLeast', value: 0.3, unit: 'ratio' };

it('parses goals: trims texts, and a missing unit is null', () => {
  const { unit: _unit, ...withoutUnit } = goal;
  expect(parseGoals([{ ...goal, metric: ' repeat_rate ', unit: ' ratio ' }, withoutUnit])).toEqual([
    goal,
    { ...withoutUnit, unit: null },
  ]);
  expect(parseGoals([])).toEqual([]);
});

it.each<[string, unknown, string]>([
  ['text', 'a goal', 'goals: '],
  ['an invalid metric', [{ ...goal, metric: '2x' }], 'goals.0.metric: must be the key of a metric'],
  ['a metric of 65 characters', [{ ...goal, metric: 'm'.repeat(65) }], 'goals.0.metric: must be'],
  ['an unknown comparison', [goal, { ...goal, comparison: 'above' }], 'goals.1.comparison: '],
  ['an infinite value', [{ ...goal, value: Number.POSITIVE_INFINITY }], 'goals.0.value: '],
  ['an empty unit', [{ ...goal, unit: ' ' }], 'goals.0.unit: must have 1 to 32 characters.'],
  ['a control character in the unit', [{ ...goal, unit: 'a\tb' }], 'goals.0.unit: must have'],
  ['an unknown field', [{ ...goal, owner: 'x' }], 'goals.0: '],
  ['21 goals', Array.from({ length: 21 }, () => goal), 'goals: must have at most 20 goals.'],
])('refuses %s, naming the path', (_case, value, message) => {
  expect(() => parseGoals(value)).toThrow(message);
});

it('accepts 20 goals', () => {
  expect(parseGoals(Array.from({ length: 20 }, () => goal))).toHaveLength(20);
});
