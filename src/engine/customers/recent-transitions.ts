import type { Transition } from '../../../prisma/generated/client.ts';
import type { Tx } from '../../platform/database.ts';
import { emptySql, sql } from '../../platform/sql.ts';
import { familyOf, groupByOwner, instantOfTicks, ticksOf } from './family.ts';

export interface RecentTransitions {
  owners: readonly string[];
  lifecycleId: string | undefined;
  /** Only transitions older than this one: its microseconds and its position. */
  after: { ticks: string; position: string } | undefined;
  limit: number;
}

export interface RecentTransition extends Transition {
  ownerId: string;
  ticks: bigint;
}

/** Loads the newest transitions of customers, including those of customers merged into them, in one statement. */
export async function recentTransitions(
  tx: Tx,
  workspaceId: string,
  { owners, lifecycleId, after, limit }: RecentTransitions,
): Promise<Map<string, RecentTransition[]>> {
  const ofOne = lifecycleId ? sql`and lifecycle_id = ${lifecycleId}::uuid` : emptySql;
  const older = after
    ? sql`and (at, position) < (${instantOfTicks(after.ticks)}, ${after.position}::bigint)`
    : emptySql;
  const rows = await tx.$queryRaw<RecentTransition[]>`
    select owner.id as "ownerId", t.workspace_id as "workspaceId", t.position,
      t.customer_id as "customerId", t.lifecycle_id as "lifecycleId", t.from_stage as "fromStage",
      t.to_stage as "toStage", t.at, t.recorded_at as "recordedAt", t.cause, t.rule,
      t.lifecycle_version as "lifecycleVersion", t.event_id as "eventId", t.late, t.actor, t.reason,
      ${ticksOf(sql`t.at`)} as ticks
    from unnest(${owners}::uuid[]) as owner (id)
    cross join lateral (
      select recent.* from ${familyOf(workspaceId, sql`owner.id`)} as member
      cross join lateral (
        select * from transition
        where workspace_id = ${workspaceId}::uuid and customer_id = member.id ${ofOne} ${older}
        order by at desc, position desc limit ${limit}
      ) as recent
      order by at desc, position desc limit ${limit}
    ) as t
    order by owner.id, t.at desc, t.position desc`;
  return groupByOwner(rows);
}
