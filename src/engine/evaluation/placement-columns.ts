import { arrayText } from '../../platform/array-text.ts';
import type { PlacedDifference } from './differences.ts';
import type { Difference } from './outcome.ts';

// Parameters for `unnest`, to store placements in one statement.

export const customerIdsOf = (rows: readonly Difference[]) =>
  arrayText(rows.map(({ customerId }) => customerId));

export const setIdsOf = (rows: readonly Difference[]) => arrayText(rows.map(({ set }) => set.id));

export const stageKeysOf = (rows: readonly PlacedDifference[]) =>
  rows.map(({ placement }) => placement.stageKey);

export const sinceOf = (rows: readonly PlacedDifference[]) =>
  arrayText(rows.map(({ placement }) => new Date(placement.since)));

/** As JSON. */
export const leftAtOf = (rows: readonly PlacedDifference[]) =>
  rows.map(({ placement: { leftAt } }) =>
    JSON.stringify(
      Object.fromEntries(
        Object.entries(leftAt).map(([key, at]) => [key, new Date(at).toISOString()]),
      ),
    ),
  );
