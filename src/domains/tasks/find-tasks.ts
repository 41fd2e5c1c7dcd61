import { familyOf, groupByOwner, ticksOf } from '../../engine/customers/family.ts';
import type { Tx } from '../../platform/database.ts';
import { joinSql, sql } from '../../platform/sql.ts';
import type { TaskState } from './task-state.ts';

export interface TaskPage {
  teamId: string | undefined;
  assigneeId: string | undefined;
  states: readonly TaskState[] | undefined;
  /** The cursor of the last task on the page before. */
  after: { ticks: string; id: string } | undefined;
  limit: number;
}

export interface FoundTask {
  id: string;
  /** When it is due, in microseconds since 1970; of a task without such a time, later than any other. */
  ticks: bigint;
}

// The year 5138, later than any due date.
const dueTicks = sql`coalesce(${ticksOf(sql`t.due_at`)}, 99999999999999999)`;

/** One page of tasks by due time, those without one last. */
export function findTasks(tx: Tx, workspaceId: string, page: TaskPage): Promise<FoundTask[]> {
  const { teamId, assigneeId, states, after, limit } = page;
  const conditions = [
    sql`t.workspace_id = ${workspaceId}::uuid`,
    ...(teamId ? [sql`t.team_id = ${teamId}::uuid`] : []),
    ...(assigneeId ? [sql`t.assignee_id = ${assigneeId}::uuid`] : []),
    ...(states ? [sql`t.state = any(${states}::text[])`] : []),
    ...(after ? [sql`(${dueTicks}, t.id) > (${after.ticks}::bigint, ${after.id}::uuid)`] : []),
  ];
  return tx.$queryRaw<FoundTask[]>`
    select t.id, ${dueTicks} as ticks from task t
    where ${joinSql(conditions, ' and ')}
    order by ${dueTicks}, t.id limit ${limit}`;
}

/** The newest tasks of each of the customers, those of merged ones included, by id. */
export async function recentTasks(
  tx: Tx,
  workspaceId: string,
  { owners, limit }: { owners: readonly string[]; limit: number },
): Promise<Map<string, Array<{ id: string }>>> {
  const rows = await tx.$queryRaw<Array<{ ownerId: string; id: string }>>`
    select owner.id as "ownerId", t.id
    from unnest(${owners}::uuid[]) as owner (id)
    cross join lateral (
      select task.id, transition_at from ${familyOf(workspaceId, sql`owner.id`)} as member
      join task on task.workspace_id = ${workspaceId}::uuid and task.customer_id = member.id
      order by transition_at desc, task.id desc limit ${limit}
    ) as t
    order by owner.id, t.transition_at desc, t.id desc`;
  return groupByOwner(rows);
}
