import { type Owner, requireMembers, requireOwners } from '../../members/owner.ts';
import { parseReason } from '../../members/parse-staff.ts';
import type { Database, Transaction } from '../../platform/database.ts';
import { NotFound } from '../../platform/errors.ts';
import { sql } from '../../platform/sql.ts';
import { requireState, type TaskState, type TaskStep } from './task-state.ts';

/** The tasks of members and teams. A step is refused in a state that does not allow it. */
export function createTasks(database: Database) {
  const takeStep = (
    workspaceId: string,
    { id, step }: { id: string; step: TaskStep },
    change: (db: Transaction) => Promise<unknown>,
    prepare?: (db: Transaction) => Promise<void>,
  ) =>
    database.inWorkspace(workspaceId, async (db) => {
      // Members and teams are locked before tasks, as they are where they are deleted.
      await prepare?.(db);
      requireState(step, await lockTask(db, id));
      await change(db);
    });

  return {
    /** Makes the member responsible for the task. @throws NotFound, WrongTaskState */
    accept: (workspaceId: string, id: string, { memberId, now }: { memberId: string; now: Date }) =>
      takeStep(
        workspaceId,
        { id, step: 'accept' },
        (db) =>
          db.query(sql`
            update task
              set state = 'ACCEPTED', accepted_at = ${now}, accepted_by_id = ${memberId},
                assignee_id = ${memberId}
            where workspace_id = ${workspaceId} and id = ${id}`),
        (db) => requireMembers(db, [memberId]),
      ),

    /** @throws NotFound, WrongTaskState */
    complete: (workspaceId: string, id: string, { now }: { now: Date }) =>
      takeStep(workspaceId, { id, step: 'complete' }, (db) =>
        closeTask(db, id, { state: 'DONE', now, reason: null }),
      ),

    /** @throws NotFound, WrongTaskState, InvalidInput */
    async cancel(workspaceId: string, id: string, how: { reason: string | undefined; now: Date }) {
      const reason = parseReason(how.reason) ?? null;
      await takeStep(workspaceId, { id, step: 'cancel' }, (db) =>
        closeTask(db, id, { state: 'CANCELLED', now: how.now, reason }),
      );
    },

    /** Assigns the task to a member, or passes it to a team, which has to accept it again. @throws NotFound, WrongTaskState */
    assign: (workspaceId: string, id: string, to: Owner) =>
      takeStep(
        workspaceId,
        { id, step: 'assign' },
        (db) =>
          to.teamId === null
            ? db.query(sql`
              update task set assignee_id = ${to.memberId}
                where workspace_id = ${workspaceId} and id = ${id}`)
            : db.query(sql`
              update task
                set team_id = ${to.teamId}, assignee_id = null, state = 'OPEN', accepted_at = null,
                accepted_by_id = null,
                from_team_id = case when team_id = ${to.teamId} then from_team_id else team_id end
              where workspace_id = ${workspaceId} and id = ${id}`),
        (db) => requireOwners(db, [to]),
      ),
  };
}

export type Tasks = ReturnType<typeof createTasks>;

async function lockTask(db: Transaction, id: string): Promise<TaskState> {
  const { rows } = await db.query<{ state: TaskState }>(sql`
    select state from task where workspace_id = ${db.workspaceId} and id = ${id} for update`);
  const [task] = rows;
  if (!task) throw new NotFound('task');
  return task.state;
}

const closeTask = (
  db: Transaction,
  id: string,
  { state, now, reason }: { state: TaskState; now: Date; reason: string | null },
) =>
  db.query(sql`
    update task set state = ${state}, closed_at = ${now}, cancel_reason = ${reason}
    where workspace_id = ${db.workspaceId} and id = ${id}`);
