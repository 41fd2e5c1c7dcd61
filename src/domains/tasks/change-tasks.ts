import { type Owner, requireMembers, requireOwners } from '../../members/owner.ts';
import { parseReason } from '../../members/parse-staff.ts';
import type { Transaction } from '../../platform/database.ts';
import { NotFound } from '../../platform/errors.ts';
import { sql } from '../../platform/sql.ts';
import { requireState, type TaskState, type TaskStep } from './task-state.ts';

// Members and teams are locked before tasks, as they are where they are deleted.

/** Makes the member responsible for the task. @throws NotFound, WrongTaskState */
export async function acceptTask(
  db: Transaction,
  { id, memberId }: { id: string; memberId: string },
  now: Date,
): Promise<void> {
  await requireMembers(db, [memberId]);
  await lockTask(db, id, 'accept');
  await db.query(sql`
    update task set state = 'ACCEPTED', accepted_at = ${now}, accepted_by_id = ${memberId},
      assignee_id = ${memberId}
    where workspace_id = ${db.workspaceId} and id = ${id}`);
}

/** @throws NotFound, WrongTaskState */
export async function completeTask(db: Transaction, id: string, now: Date): Promise<void> {
  await lockTask(db, id, 'complete');
  await closeTask(db, id, { state: 'DONE', now, reason: null });
}

/** @throws NotFound, WrongTaskState, InvalidInput */
export async function cancelTask(
  db: Transaction,
  { id, reason }: { id: string; reason: string | undefined },
  now: Date,
): Promise<void> {
  const parsed = parseReason(reason) ?? null;
  await lockTask(db, id, 'cancel');
  await closeTask(db, id, { state: 'CANCELLED', now, reason: parsed });
}

/**
 * Assigns the task to a member, or passes it to a team, which has to accept it again.
 *
 * @throws NotFound, WrongTaskState
 */
export async function assignTask(
  db: Transaction,
  { id, owner }: { id: string; owner: Owner },
): Promise<void> {
  const { memberId, teamId } = owner;
  await requireOwners(db, [owner]);
  await lockTask(db, id, 'assign');
  const assignment =
    teamId === null
      ? sql`assignee_id = ${memberId}`
      : sql`team_id = ${teamId}, assignee_id = null, state = 'OPEN', accepted_at = null,
          accepted_by_id = null,
          from_team_id = case when team_id = ${teamId} then from_team_id else team_id end`;
  await db.query(sql`
    update task set ${assignment} where workspace_id = ${db.workspaceId} and id = ${id}`);
}

/** Locks the task. @throws NotFound; WrongTaskState if its state does not allow the step */
async function lockTask(db: Transaction, id: string, step: TaskStep): Promise<void> {
  const { rows } = await db.query<{ state: TaskState }>(
    sql`select state from task where workspace_id = ${db.workspaceId} and id = ${id} for update`,
  );
  const [task] = rows;
  if (!task) throw new NotFound('task');
  requireState(step, task.state);
}

const closeTask = (
  db: Transaction,
  id: string,
  { state, now, reason }: { state: TaskState; now: Date; reason: string | null },
) =>
  db.query(sql`
    update task set state = ${state}, closed_at = ${now}, cancel_reason = ${reason}
    where workspace_id = ${db.workspaceId} and id = ${id}`);
