import { expect, it } from 'vitest';
import { fewestToTurn } from '../../../src/engine/conditions/decisive-events.ts';

const ones = [1, 1, 1, 1];

it.each([
  ['at least one of four', { atLeast: 1 }, true, 4],
  ['at least three of four', { atLeast: 3 }, true, 2],
  ['exactly four', { equals: 4 }, true, 1],
  ['not below three', { below: 3 }, false, 2],
  ['not between one and two', { between: { from: 1, to: 2 } }, false, 2],
  ['at most four, which fewer cannot turn', { atMost: 4 }, true, undefined],
])('finds how many of four events must go: %s', (_which, comparison, holds, expected) => {
  expect(fewestToTurn(ones, { total: 4, comparison }, { holds })).toBe(expected);
});

it('takes the shares in the order given', () => {
  const compared = { total: 6_000, comparison: { above: 3_000 } };

  expect(fewestToTurn([4_000, 1_000, 1_000], compared, { holds: true })).toBe(1);
  expect(fewestToTurn([1_000, 1_000, 4_000], compared, { holds: true })).toBe(3);
});
