import { Prisma } from '../../../prisma/generated/client.ts';
import { isRiskPlace, presentRisks } from '../../domains/churn/filter/risk-places.ts';
import { holdsSql } from './clause.ts';
import { compareInstant } from './compare.ts';
import type { PlaceCondition } from './resolve.ts';

interface Asked {
  workspaceId: string;
  timeZone: string;
  at: Prisma.Sql;
}

/** Whether the customer `c` is, or was, in one of the stages. */
export function placeHolds(condition: PlaceCondition, asked: Asked): Prisma.Sql {
  const { lifecycleId, stages, limit } = condition;
  const { timeZone, at } = asked;
  const places = placesIn(lifecycleId, asked.workspaceId);
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

function placesIn(lifecycleId: string, workspaceId: string): Prisma.Sql {
  return isRiskPlace(lifecycleId)
    ? Prisma.sql`(select * from (${presentRisks(workspaceId)}) as risk
        where place = ${lifecycleId}::text)`
    : presentPlaces(lifecycleId, workspaceId);
}

const presentPlaces = (lifecycleId: string, workspaceId: string) => Prisma.sql`(
  select customer_id, stage_key, since, left_at from customer_stage
  where workspace_id = ${workspaceId}::uuid and lifecycle_id = ${lifecycleId}::uuid)`;
