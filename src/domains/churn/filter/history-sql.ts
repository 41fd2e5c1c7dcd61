import type { PairScope } from '../../../engine/conditions/pair-scope.ts';
import { type Sql, sql } from '../../../platform/sql.ts';
import type { RiskModel } from '../risk/risk-model.ts';
import {
  isSubscriptionEvent,
  isUsage,
  reportedName,
  setsTerms,
  startOfDay,
  toMs,
} from '../subscription/history-sql.ts';
import { usageLookbackDays } from '../subscription/usage.ts';
import { activitySql } from './risk-sql.ts';

/** The customer's `RiskHistory` by the model's mode; null for customers without one. */
export const historySql = (model: RiskModel, scope: PairScope): Sql =>
  model.mode === 'ACTIVITY' ? activitySql(model, scope) : subscriptionSql(scope);

/** The events of the subscription, and activity since the present terms less the reach of usage. */
function subscriptionSql(scope: PairScope): Sql {
  const started = scope.column('subscription_started_at');
  const renewed = scope.column('subscription_renewed_at');
  const activity = sql`e.occurred_at >= terms.since and ${isUsage}`;
  const alias = scope.lookup(
    'subscription',
    () => sql`
      select case when coalesce(${started},${renewed}) is not null then jsonb_build_object(
        'events', coalesce((
          select jsonb_agg(jsonb_build_object('name', ${reportedName}, 'at', ${toMs(sql`e.occurred_at`)},
            'properties', e.properties)) from ${scope.selectEvents(sql`${isSubscriptionEvent} and e.counts`)}), '[]'),
        'activity', coalesce((
          select jsonb_agg(jsonb_build_object('at', ${toMs(sql`day.at`)}, 'count', day.count))
          from (
            select ${startOfDay} as at, count(*) as count
            from ${scope.selectEvents(activity)} group by 1) as day), '[]')
      ) end as history
      from (
        select coalesce(max(e.occurred_at), s.at) - make_interval(days => ${usageLookbackDays}::int) as since
        from ${scope.selectEvents(sql`${isSubscriptionEvent} and ${setsTerms}`)}) as terms`,
  );
  return sql`${alias}.history`;
}
