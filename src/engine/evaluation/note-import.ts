import type { Transaction } from '../../platform/database.ts';
import { sql } from '../../platform/sql.ts';
import { pastMs } from './evaluate-due.ts';

/** An import counts as running for so long after its last events. */
const leaseMs = 10_000;

/**
 * Notes that a workspace imports its past if most of these events are old: what fell due long ago then waits
 * for the events still to come.
 * Decision 0011.
 */
export function noteImport(
  db: Transaction,
  events: ReadonlyArray<{ occurredAt: Date }>,
  now: Date,
): void {
  const old = events.filter(({ occurredAt }) => occurredAt.getTime() < now.getTime() - pastMs);
  if (old.length * 2 <= events.length) return;
  const until = new Date(now.getTime() + leaseMs);
  // Written again only when half of it is over, so that a fast import does not write it with every batch.
  db.send(sql`
    update workspace_directory set importing_until = ${until}
    where id = ${db.workspaceId}
      and (importing_until is null or importing_until < ${new Date(now.getTime() + leaseMs / 2)})`);
}
