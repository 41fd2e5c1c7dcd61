import type { Transaction } from '../../platform/database.ts';
import { sql } from '../../platform/sql.ts';
import { historyAgeMs } from './evaluate-due.ts';

/** A workspace counts as importing for this long after its last old events. */
const leaseMs = 10_000;

/**
 * Marks a workspace as importing its history if most of these events are old, so that old due times are not evaluated
 * before the rest of the events has arrived. Decision 0011.
 */
export function markImporting(
  db: Transaction,
  events: ReadonlyArray<{ occurredAt: Date }>,
  now: Date,
): void {
  const old = events.filter(
    ({ occurredAt }) => occurredAt.getTime() < now.getTime() - historyAgeMs,
  );
  if (old.length * 2 <= events.length) return;
  const until = new Date(now.getTime() + leaseMs);
  // Extended only after half of the lease, so that a fast import does not write the row with every batch.
  db.send(sql`
    update workspace_directory set importing_until = ${until}
    where id = ${db.workspaceId}
      and (importing_until is null or importing_until < ${new Date(now.getTime() + leaseMs / 2)})`);
}
