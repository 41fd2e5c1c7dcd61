import { v7 as uuidv7 } from 'uuid';
import type { NewChange } from '../../engine/changes/kinds.ts';
import type { Consequence } from '../../engine/evaluation/consequence.ts';
import type { Transaction } from '../../platform/database.ts';
import { sql } from '../../platform/sql.ts';
import {
  decideHandOff,
  type HandOff,
  type HandOffContext,
  type StageMove,
} from './decide-hand-off.ts';
import { loadStageOwners } from './stage-owners.ts';

/** A task is created when a customer moves to a stage with another owner. */
export const handOffs: Consequence = {
  async load(db) {
    const owners = await loadStageOwners(db);
    return (db, changes, context) => recordHandOffs(db, changes, { owners, ...context });
  },
};

/**
 * Creates the tasks that the changes of a transaction call for, in one statement; the same move creates no
 * second one. Sends no statement when no stage has an owner. The customers have to be stored.
 */
export function recordHandOffs(
  db: Transaction,
  changes: readonly NewChange[],
  context: HandOffContext,
): void {
  if (context.owners.size === 0) return;
  const moves = changes.flatMap(toMove);
  const tasks = moves.flatMap((move) => decideHandOff(move, context) ?? []);
  if (tasks.length === 0) return;
  db.send(sql`
    insert into task (workspace_id, id, customer_id, lifecycle_id, stage_key, from_team_id, team_id,
      assignee_id, title, state, created_at, due_at, transition_at)
    select ${db.workspaceId}, id, "customerId", "lifecycleId", "stageKey", "fromTeamId", "teamId",
      "assigneeId", title,
      'OPEN', ${context.now}, "dueAt", "transitionAt"
    from jsonb_to_recordset(${JSON.stringify(tasks.map(toRow))}) as (id uuid, "customerId" uuid,
      "lifecycleId" uuid, "stageKey" text,
      "fromTeamId" uuid, "teamId" uuid, "assigneeId" uuid, title text, "dueAt" timestamptz,
      "transitionAt" timestamptz)
    on conflict (workspace_id, customer_id, lifecycle_id, stage_key, transition_at) do nothing`);
}

function toMove(change: NewChange): StageMove[] {
  if (change.kind !== 'STAGE_CHANGED') return [];
  const { customerId, at, data } = change;
  const { lifecycle: lifecycleId, from, to, cause } = data;
  return to === null ? [] : [{ customerId, lifecycleId, from, to, at, cause }];
}

function toRow({ move, ...handOff }: HandOff) {
  const { customerId, lifecycleId, to, at } = move;
  return { id: uuidv7(), customerId, lifecycleId, stageKey: to, transitionAt: at, ...handOff };
}
