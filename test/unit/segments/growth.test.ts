import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type GrowthCounts, sumGrowth } from '../../../src/domains/segments/growth.ts';

const days = ['2026-03-01', '2026-03-02', '2026-03-03'];
const instants = days.map((day) => new Date(day));
const count = (index: number, change: Partial<GrowthCounts>): GrowthCounts => ({
  index,
  entered: 0,
  left: 0,
  merged: 0,
  ...change,
});

it.each<[string, GrowthCounts[], Array<[number, number, number, number]>]>([
  [
    'without changes',
    [],
    [
      [0, 0, 0, 0],
      [0, 0, 0, 0],
      [0, 0, 0, 0],
    ],
  ],
  [
    'with entries, exits and merges',
    [count(1, { entered: 5 }), count(2, { entered: 1, left: 2, merged: 1 })],
    [
      [0, 0, 0, 0],
      [5, 5, 0, 0],
      [3, 1, 2, 1],
    ],
  ],
  [
    'with changes before the first point, which count as members only',
    [count(0, { entered: 4, left: 1 }), count(2, { left: 3 })],
    [
      [3, 0, 0, 0],
      [3, 0, 0, 0],
      [0, 0, 3, 0],
    ],
  ],
  [
    'with counts in any order',
    [count(2, { left: 1 }), count(0, { entered: 1 })],
    [
      [1, 0, 0, 0],
      [1, 0, 0, 0],
      [0, 0, 1, 0],
    ],
  ],
])('sums the growth of a segment %s', (_case, counts, expected) => {
  expect(sumGrowth(instants, counts)).toEqual(
    expected.map(([members, entered, left, merged], index) => ({
      at: instants[index],
      members,
      entered,
      left,
      merged,
    })),
  );
});

it('has no points without instants', () => {
  expect(sumGrowth([], [count(0, { entered: 1 })])).toEqual([]);
});

it('changes the number of members between points by the reported growth', () => {
  const number = fc.nat({ max: 50 });
  const counts = fc.uniqueArray(
    fc.record({ index: fc.nat({ max: 2 }), entered: number, left: number, merged: number }),
    { selector: ({ index }) => index },
  );
  fc.assert(
    fc.property(counts, (given) => {
      const points = sumGrowth(instants, given);
      for (const [index, { members, entered, left, merged }] of points.entries()) {
        const previous = points[index - 1];
        if (previous) expect(members - previous.members).toBe(entered - left - merged);
      }
    }),
  );
});
