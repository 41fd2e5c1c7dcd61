import { Prisma, type Transition } from '../../prisma/generated/client.ts';
import type { Tx } from '../platform/database.ts';
import { byOwner, familyOf } from './family.ts';

export interface RecentTransitions {
  owners: readonly string[];
  lifecycleId: string | undefined;
  /** Only transitions before this position of the change log. */
  before: string | undefined;
  limit: number;
}

export interface RecentTransition extends Transition {
  ownerId: string;
  recordedAt: Date;
}

/** The newest transitions of each of the customers, those of merged ones included, in one statement. */
export async function recentTransitions(
  tx: Tx,
  workspaceId: string,
  { owners, lifecycleId, before, limit }: RecentTransitions,
): Promise<Map<string, RecentTransition[]>> {
  const older = before ? Prisma.sql`and position < ${before}::bigint` : Prisma.empty;
  const ofOne = lifecycleId ? Prisma.sql`and lifecycle_id = ${lifecycleId}::uuid` : Prisma.empty;
  const rows = await tx.$queryRaw<RecentTransition[]>`
    select owner.id as "ownerId", t.workspace_id as "workspaceId", t.position,
      t.customer_id as "customerId", t.lifecycle_id as "lifecycleId", t.from_stage as "fromStage",
      t.to_stage as "toStage", t.at, t.cause, t.rule, t.lifecycle_version as "lifecycleVersion",
      t.event_id as "eventId", t.late, c.recorded_at as "recordedAt"
    from unnest(${owners}::uuid[]) as owner (id)
    cross join lateral (
      select recent.* from ${familyOf(workspaceId, Prisma.sql`owner.id`)} as member
      cross join lateral (
        select * from transition
        where workspace_id = ${workspaceId}::uuid and customer_id = member.id ${ofOne} ${older}
        order by position desc limit ${limit}
      ) as recent
      order by position desc limit ${limit}
    ) as t
    join change c on c.workspace_id = t.workspace_id and c.position = t.position
    order by owner.id, t.position desc`;
  return byOwner(rows);
}
