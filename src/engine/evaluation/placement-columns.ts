import type { RowColumns } from '../../platform/sql.ts';
import type { PlacedDifference } from './differences.ts';
import type { Difference } from './outcome.ts';

// Columns for `unnestRows`, to store placements in one statement.

export const keyColumns = {
  set_id: ['uuid', ({ set }) => set.id],
  customer_id: ['uuid', ({ customerId }) => customerId],
} as const satisfies RowColumns<Difference>;

export const placementColumns = {
  stage_key: ['text', ({ placement }) => placement.stageKey],
  since: ['timestamptz', ({ placement }) => new Date(placement.since)],
  left_at: ['jsonb', ({ placement }) => toJson(placement.leftAt)],
} as const satisfies RowColumns<PlacedDifference>;

const toJson = (leftAt: PlacedDifference['placement']['leftAt']) =>
  JSON.stringify(
    Object.fromEntries(
      Object.entries(leftAt).map(([key, at]) => [key, new Date(at).toISOString()]),
    ),
  );
