import type { StageMove } from '../../domains/tasks/decide-hand-off.ts';
import { recordHandOffs } from '../../domains/tasks/hand-offs.ts';
import type { Sql } from '../../platform/database.ts';
import { appendChanges } from '../changes/append.ts';
import type { NewChange } from '../changes/kinds.ts';
import type { Rules } from './rules.ts';

/** Appends what an evaluation came to, with the tasks of those to whom customers are handed. Call it last. */
export function recordChanges(
  sql: Sql,
  workspaceId: string,
  { owners, timeZone }: Pick<Rules, 'owners' | 'timeZone'>,
  changes: readonly NewChange[],
  now: Date,
): void {
  const moves = owners.size > 0 ? changes.flatMap(toMove) : [];
  recordHandOffs(sql, workspaceId, moves, { owners, timeZone, now });
  appendChanges(sql, workspaceId, changes, now);
}

function toMove(change: NewChange): StageMove[] {
  if (change.kind !== 'STAGE_CHANGED') return [];
  const { customerId, at, data } = change;
  const { lifecycle: lifecycleId, from, to, cause } = data;
  return to === null ? [] : [{ customerId, lifecycleId, from, to, at, cause }];
}
