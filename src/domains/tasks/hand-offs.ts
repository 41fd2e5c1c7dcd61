import { v7 as uuidv7 } from 'uuid';
import type { Sql } from '../../platform/database.ts';
import {
  type Circumstances,
  decideHandOff,
  type HandOff,
  type StageMove,
} from './decide-hand-off.ts';

/**
 * Makes the tasks that the moves of a transaction call for, in one statement; a move that was told
 * before makes no second one. Asks the database nothing when no stage has an owner. The customers have
 * to be stored.
 */
export function recordHandOffs(
  sql: Sql,
  workspaceId: string,
  moves: readonly StageMove[],
  circumstances: Circumstances,
): void {
  if (circumstances.owners.size === 0) return;
  const handOffs = moves.flatMap((move) => decideHandOff(move, circumstances) ?? []);
  if (handOffs.length === 0) return;
  const tasks = JSON.stringify(handOffs.map(toRow));
  sql.send(insertTasks, [workspaceId, circumstances.now, tasks]);
}

function toRow({ move, ...handOff }: HandOff) {
  const { customerId, lifecycleId, to, at } = move;
  return { id: uuidv7(), customerId, lifecycleId, stageKey: to, transitionAt: at, ...handOff };
}

const insertTasks = `
  insert into task (workspace_id, id, customer_id, lifecycle_id, stage_key, from_team_id, team_id,
    assignee_id, title, state, created_at, due_at, transition_at)
  select $1, id, "customerId", "lifecycleId", "stageKey", "fromTeamId", "teamId", "assigneeId", title,
    'OPEN', $2, "dueAt", "transitionAt"
  from jsonb_to_recordset($3) as (id uuid, "customerId" uuid, "lifecycleId" uuid, "stageKey" text,
    "fromTeamId" uuid, "teamId" uuid, "assigneeId" uuid, title text, "dueAt" timestamptz,
    "transitionAt" timestamptz)
  on conflict (workspace_id, customer_id, lifecycle_id, stage_key, transition_at) do nothing`;
