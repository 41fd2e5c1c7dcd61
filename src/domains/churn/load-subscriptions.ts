import type { Transaction } from '../../platform/database.ts';
import { emptySql, sql } from '../../platform/sql.ts';
import {
  isSubscriptionEvent,
  isUsage,
  reportedName,
  startOfDay,
  toMs,
} from './subscription/history-sql.ts';
import type { SubscriptionHistory } from './subscription/renewal-rows.ts';
import { type ReportedEvent, toSubscriptionEvents } from './subscription/reported-events.ts';
import type { ActivityCount } from './subscription/usage.ts';

type WithCustomer<T> = T & { customer: string };

interface SubscriptionQuery {
  /** Customers that are not merged into others; default: all that ever had a subscription. */
  ids?: readonly string[] | undefined;
  /** Later events are ignored. */
  until: Date;
}

/**
 * Loads subscription histories, with the events of merged customers. Activity is counted per day (UTC);
 * subscription events do not count as activity.
 */
export async function loadSubscriptions(
  db: Transaction,
  query: SubscriptionQuery,
): Promise<SubscriptionHistory[]> {
  const events = selectEvents(db.workspaceId, query);
  const activity = selectActivity(db.workspaceId, query);
  const [reported, counted] = await Promise.all([
    db.query<WithCustomer<ReportedEvent>>(events),
    db.query<WithCustomer<ActivityCount>>(activity),
  ]);
  const activityByCustomer = Map.groupBy(counted.rows, ({ customer }) => customer);
  return [...Map.groupBy(reported.rows, ({ customer }) => customer)].map(([customer, rows]) => ({
    customer,
    events: rows.flatMap(toSubscriptionEvents),
    activity: activityByCustomer.get(customer) ?? [],
  }));
}

const eventsOfSubscribers = (workspaceId: string, { ids, until }: SubscriptionQuery) => sql`
  event e
  join customer c on c.workspace_id = e.workspace_id and c.id = e.customer_id
  join customer s on s.workspace_id = e.workspace_id and s.id = coalesce(c.merged_into, c.id)
    and (s.subscription_started_at is not null or s.subscription_renewed_at is not null)
  where e.workspace_id = ${workspaceId}::uuid and e.occurred_at <= ${until}::timestamptz
    ${ids ? sql`and s.id = any(${ids}::uuid[])` : emptySql}`;

const selectEvents = (workspaceId: string, query: SubscriptionQuery) => sql`
  select s.id as customer, ${reportedName} as name, ${toMs(sql`e.occurred_at`)} as at, e.properties
  from ${eventsOfSubscribers(workspaceId, query)} and ${isSubscriptionEvent} and e.counts`;

const selectActivity = (workspaceId: string, query: SubscriptionQuery) => sql`
  select s.id as customer, ${toMs(startOfDay)} as at, count(*)::int as count
  from ${eventsOfSubscribers(workspaceId, query)} and ${isUsage}
  group by s.id, ${startOfDay}`;
