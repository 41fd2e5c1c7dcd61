import { Prisma } from '../../prisma/generated/client.ts';
import { holdsSql } from './clause.ts';
import { compareInstant } from './compare.ts';
import type { PlaceCondition } from './resolve.ts';
import { isRiskPlace, pastRisks, presentRisks } from './risk-places.ts';

interface Asked {
  workspaceId: string;
  timeZone: string;
  at: Prisma.Sql;
  past: boolean;
}

/** Whether the customer `c` is, or was, in one of the stages: from the places, or for the past the log. */
export function placeHolds(condition: PlaceCondition, asked: Asked): Prisma.Sql {
  const { lifecycleId, stages, limit } = condition;
  const { timeZone, at } = asked;
  const places = placesIn(lifecycleId, asked);
  const isThere = Prisma.sql`p.stage_key = any(${stages}::text[])`;
  const since = Prisma.sql`p.since`;
  const met = () => {
    if (!limit) return isThere;
    if ('forAtLeast' in limit) {
      const long = compareInstant(since, { olderThan: limit.forAtLeast }, timeZone);
      return Prisma.sql`${isThere} and ${holdsSql(long, at)}`;
    }
    if ('enteredWithin' in limit) {
      const lately = compareInstant(since, { withinLast: limit.enteredWithin }, timeZone);
      return Prisma.sql`${isThere} and ${holdsSql(lately, at)}`;
    }
    const left = Prisma.sql`(select max(l.value::timestamptz) from jsonb_each_text(p.left_at) as l
      where l.key = any(${stages}::text[]))`;
    if ('ever' in limit) return Prisma.sql`(${isThere} or ${left} is not null)`;
    const lately = compareInstant(left, { withinLast: limit.within }, timeZone);
    return Prisma.sql`(${isThere} or ${holdsSql(lately, at)})`;
  };
  return Prisma.sql`c.id in (select p.customer_id from ${places} as p where ${met()})`;
}

function placesIn(lifecycleId: string, asked: Asked): Prisma.Sql {
  const { workspaceId, at, past } = asked;
  if (isRiskPlace(lifecycleId)) {
    const risks = past ? pastRisks(workspaceId, at) : presentRisks(workspaceId);
    return Prisma.sql`(select * from (${risks}) as risk where place = ${lifecycleId}::text)`;
  }
  return past ? pastPlaces(lifecycleId, asked) : presentPlaces(lifecycleId, workspaceId);
}

const presentPlaces = (lifecycleId: string, workspaceId: string) => Prisma.sql`(
  select customer_id, stage_key, since, left_at from customer_stage
  where workspace_id = ${workspaceId}::uuid and lifecycle_id = ${lifecycleId}::uuid)`;

/**
 * The places of an instant gone by: each customer's last move up to then, and when it last left each
 * stage. What a merged customer went through belongs to the one that it became part of later.
 */
const pastPlaces = (lifecycleId: string, { workspaceId, at }: Asked) => Prisma.sql`(
  select moves.customer_id, last.stage_key, last.since, coalesce(moves.left_at, '{}') as left_at
  from (
    select customer_id, jsonb_object_agg(from_stage, left_at) filter (where from_stage is not null) as left_at
    from (
      select t.customer_id, t.from_stage, max(t.at) as left_at from transition t
      where t.workspace_id = ${workspaceId}::uuid and t.lifecycle_id = ${lifecycleId}::uuid and t.at <= ${at}
      group by t.customer_id, t.from_stage
    ) as leavings group by customer_id
  ) as moves
  join (
    select distinct on (t.customer_id) t.customer_id, t.to_stage as stage_key, t.at as since
    from transition t
    where t.workspace_id = ${workspaceId}::uuid and t.lifecycle_id = ${lifecycleId}::uuid and t.at <= ${at}
    order by t.customer_id, t.at desc, t.position desc
  ) as last on last.customer_id = moves.customer_id)`;
