import type { Sql } from '../../platform/database.ts';
import { pastMs } from './evaluate-due.ts';

/** An import counts as running for so long after its last events. */
const leaseMs = 10_000;

/**
 * Notes that a workspace imports its past if most of these events are old: what fell due long ago then waits
 * for the events still to come.
 * Decision 0011.
 */
export function noteImport(
  sql: Sql,
  workspaceId: string,
  events: ReadonlyArray<{ occurredAt: Date }>,
  now: Date,
): void {
  const old = events.filter(({ occurredAt }) => occurredAt.getTime() < now.getTime() - pastMs);
  if (old.length * 2 <= events.length) return;
  const until = new Date(now.getTime() + leaseMs);
  // Written again only when half of it is over, so that a fast import does not write it with every batch.
  sql.send(
    `update workspace_directory set importing_until = $2
     where id = $1 and (importing_until is null or importing_until < $3)`,
    [workspaceId, until, new Date(now.getTime() + leaseMs / 2)],
  );
}
