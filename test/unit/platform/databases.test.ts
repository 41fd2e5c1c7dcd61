import { expect, it } from 'vitest';
import { divideConnections, minConnections } from '../../../src/platform/databases.ts';

it.each([
  [6, { ingest: 1, live: 1, jobs: 2, operations: 2 }],
  [8, { ingest: 1, live: 1, jobs: 2, operations: 4 }],
  [16, { ingest: 3, live: 3, jobs: 3, operations: 7 }],
  [50, { ingest: 10, live: 10, jobs: 10, operations: 20 }],
])('divides %i connections among the kinds of work', (total, sizes) => {
  expect(divideConnections(total)).toEqual(sizes);
});

it('uses every connection and reserves at least two for operations', () => {
  for (let total = minConnections; total <= 200; total += 1) {
    const sizes = divideConnections(total);
    expect(Object.values(sizes).reduce((sum, size) => sum + size, 0)).toBe(total);
    expect(sizes.operations).toBeGreaterThanOrEqual(2);
  }
});
