import { Prisma } from '../../../prisma/generated/client.ts';
import type { Sql } from '../../platform/database.ts';
import { isSubscriptionEvent, reportedName, startOfDay, toMs } from './subscription/history-sql.ts';
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
  sql: Sql,
  workspaceId: string,
  query: SubscriptionQuery,
): Promise<SubscriptionHistory[]> {
  const events = selectEvents(workspaceId, query);
  const activity = selectActivity(workspaceId, query);
  const [reported, counted] = await Promise.all([
    sql.query<WithCustomer<ReportedEvent>>(events.text, events.values),
    sql.query<WithCustomer<ActivityCount>>(activity.text, activity.values),
  ]);
  const activityByCustomer = Map.groupBy(counted.rows, ({ customer }) => customer);
  return [...Map.groupBy(reported.rows, ({ customer }) => customer)].map(([customer, rows]) => ({
    customer,
    events: rows.flatMap(toSubscriptionEvents),
    activity: activityByCustomer.get(customer) ?? [],
  }));
}

const eventsOfSubscribers = (workspaceId: string, { ids, until }: SubscriptionQuery) => Prisma.sql`
  event e
  join customer c on c.workspace_id = e.workspace_id and c.id = e.customer_id
  join customer s on s.workspace_id = e.workspace_id and s.id = coalesce(c.merged_into, c.id)
    and (s.subscription_started_at is not null or s.subscription_renewed_at is not null)
  where e.workspace_id = ${workspaceId}::uuid and e.occurred_at <= ${until}::timestamptz
    ${ids ? Prisma.sql`and s.id = any(${ids}::uuid[])` : Prisma.empty}`;

const selectEvents = (workspaceId: string, query: SubscriptionQuery) => Prisma.sql`
  select s.id as customer, ${reportedName} as name, ${toMs(Prisma.sql`e.occurred_at`)} as at, e.properties
  from ${eventsOfSubscribers(workspaceId, query)} and ${isSubscriptionEvent}`;

const selectActivity = (workspaceId: string, query: SubscriptionQuery) => Prisma.sql`
  select s.id as customer, ${toMs(startOfDay)} as at, count(*)::int as count
  from ${eventsOfSubscribers(workspaceId, query)} and not ${isSubscriptionEvent}
  group by s.id, ${startOfDay}`;
