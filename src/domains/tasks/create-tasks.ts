import { type Owner, requireMembers, requireOwners } from '../../members/owner.ts';
import { parseReason } from '../../members/parse-staff.ts';
import type { Database, Sql } from '../../platform/database.ts';
import { NotFound } from '../../platform/errors.ts';
import { requireState, type TaskState, type TaskStep } from './task-state.ts';

/** The tasks of members and teams. A step is refused in a state that does not allow it. */
export function createTasks(database: Database) {
  const takeStep = (
    workspaceId: string,
    { id, step }: { id: string; step: TaskStep },
    change: (sql: Sql) => Promise<unknown>,
    prepare?: (sql: Sql) => Promise<void>,
  ) =>
    database.inWorkspace(workspaceId, async (sql) => {
      // Members and teams are locked before tasks, as they are where they are deleted.
      await prepare?.(sql);
      requireState(step, await lockTask(sql, workspaceId, id));
      await change(sql);
    });

  return {
    /** Makes the member responsible for the task. @throws NotFound, WrongTaskState */
    accept: (workspaceId: string, id: string, { memberId, now }: { memberId: string; now: Date }) =>
      takeStep(
        workspaceId,
        { id, step: 'accept' },
        (sql) => sql.query(acceptTask, [workspaceId, id, memberId, now]),
        (sql) => requireMembers(sql, workspaceId, [memberId]),
      ),

    /** @throws NotFound, WrongTaskState */
    complete: (workspaceId: string, id: string, { now }: { now: Date }) =>
      takeStep(workspaceId, { id, step: 'complete' }, (sql) =>
        sql.query(closeTask, [workspaceId, id, 'DONE', now, null]),
      ),

    /** @throws NotFound, WrongTaskState, InvalidInput */
    async cancel(workspaceId: string, id: string, how: { reason: string | undefined; now: Date }) {
      const reason = parseReason(how.reason) ?? null;
      await takeStep(workspaceId, { id, step: 'cancel' }, (sql) =>
        sql.query(closeTask, [workspaceId, id, 'CANCELLED', how.now, reason]),
      );
    },

    /** Assigns the task to a member, or passes it to a team, which has to accept it again. @throws NotFound, WrongTaskState */
    assign: (workspaceId: string, id: string, to: Owner) =>
      takeStep(
        workspaceId,
        { id, step: 'assign' },
        (sql) =>
          to.teamId === null
            ? sql.query(assignTask, [workspaceId, id, to.memberId])
            : sql.query(passTask, [workspaceId, id, to.teamId]),
        (sql) => requireOwners(sql, workspaceId, [to]),
      ),
  };
}

export type Tasks = ReturnType<typeof createTasks>;

async function lockTask(sql: Sql, workspaceId: string, id: string): Promise<TaskState> {
  const { rows } = await sql.query<{ state: TaskState }>(
    'select state from task where workspace_id = $1 and id = $2 for update',
    [workspaceId, id],
  );
  const [task] = rows;
  if (!task) throw new NotFound('task');
  return task.state;
}

const acceptTask = `
  update task set state = 'ACCEPTED', accepted_at = $4, accepted_by_id = $3, assignee_id = $3
  where workspace_id = $1 and id = $2`;

const closeTask = `
  update task set state = $3, closed_at = $4, cancel_reason = $5
  where workspace_id = $1 and id = $2`;

const assignTask = `
  update task set assignee_id = $3 where workspace_id = $1 and id = $2`;

const passTask = `
  update task set team_id = $3, assignee_id = null, state = 'OPEN', accepted_at = null,
    accepted_by_id = null,
    from_team_id = case when team_id = $3 then from_team_id else team_id end
  where workspace_id = $1 and id = $2`;
