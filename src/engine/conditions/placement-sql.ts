import { type Sql, sql } from '../../platform/sql.ts';
import { holdsSql } from './clause.ts';
import { compareInstant } from './compare.ts';
import { placementSourceOf } from './placement-source.ts';
import type { ConditionScope, PlacementCondition } from './scope.ts';

/** Whether the customer `c` is, or was, in one of the stages. */
export function placementSql(
  { ruleSetId, stages, limit }: PlacementCondition,
  { workspaceId, timeZone, at }: Pick<ConditionScope, 'workspaceId' | 'timeZone' | 'at'>,
): Sql {
  const placements = placementSourceOf(ruleSetId).selectCurrent(workspaceId, ruleSetId);
  const isThere = sql`p.stage_key = any(${stages}::text[])`;
  const since = sql`p.since`;
  const matches = () => {
    if (!limit) return isThere;
    if ('forAtLeast' in limit) {
      const isLong = compareInstant(since, { olderThan: limit.forAtLeast }, timeZone);
      return sql`${isThere} and ${holdsSql(isLong, at)}`;
    }
    if ('enteredWithin' in limit) {
      const isRecent = compareInstant(since, { withinLast: limit.enteredWithin }, timeZone);
      return sql`${isThere} and ${holdsSql(isRecent, at)}`;
    }
    const left = sql`(select max(l.value::timestamptz) from jsonb_each_text(p.left_at) as l
      where l.key = any(${stages}::text[]))`;
    if ('ever' in limit) return sql`(${isThere} or ${left} is not null)`;
    const isRecent = compareInstant(left, { withinLast: limit.within }, timeZone);
    return sql`(${isThere} or ${holdsSql(isRecent, at)})`;
  };
  return sql`c.id in (select p.customer_id from (${placements}) as p where ${matches()})`;
}
