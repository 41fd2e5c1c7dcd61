import { Prisma } from '../../../prisma/generated/client.ts';
import type { Sql } from '../../platform/database.ts';
import { startOfDay, tellsOfSubscription, toldName, toMs } from './subscription/history-sql.ts';
import type { SubscriptionHistory } from './subscription/renewal-rows.ts';
import { type ToldEvent, toSubscriptionEvents } from './subscription/told-events.ts';
import type { ActivityCount } from './subscription/usage.ts';

type Of<T> = T & { customer: string };

interface Asked {
  /** Survivors; everybody who ever had a subscription when absent. */
  ids?: readonly string[] | undefined;
  /** Nothing later counts. */
  until: Date;
}

/**
 * What is known of subscriptions, those of customers merged into the ones asked about included. Activity is
 * counted by the day (UTC); what tells of the subscription itself is no use of it.
 */
export async function loadSubscriptions(
  sql: Sql,
  workspaceId: string,
  asked: Asked,
): Promise<SubscriptionHistory[]> {
  const events = selectEvents(workspaceId, asked);
  const activity = selectActivity(workspaceId, asked);
  const [told, done] = await Promise.all([
    sql.query<Of<ToldEvent>>(events.text, events.values),
    sql.query<Of<ActivityCount>>(activity.text, activity.values),
  ]);
  const active = Map.groupBy(done.rows, ({ customer }) => customer);
  return [...Map.groupBy(told.rows, ({ customer }) => customer)].map(([customer, rows]) => ({
    customer,
    events: rows.flatMap(toSubscriptionEvents),
    activity: active.get(customer) ?? [],
  }));
}

const theirs = (workspaceId: string, { ids, until }: Asked) => Prisma.sql`
  event e
  join customer c on c.workspace_id = e.workspace_id and c.id = e.customer_id
  join customer s on s.workspace_id = e.workspace_id and s.id = coalesce(c.merged_into, c.id)
    and (s.subscription_started_at is not null or s.subscription_renewed_at is not null)
  where e.workspace_id = ${workspaceId}::uuid and e.occurred_at <= ${until}::timestamptz
    ${ids ? Prisma.sql`and s.id = any(${ids}::uuid[])` : Prisma.empty}`;

const selectEvents = (workspaceId: string, asked: Asked) => Prisma.sql`
  select s.id as customer, ${toldName} as name, ${toMs(Prisma.sql`e.occurred_at`)} as at, e.properties
  from ${theirs(workspaceId, asked)} and ${tellsOfSubscription}`;

const selectActivity = (workspaceId: string, asked: Asked) => Prisma.sql`
  select s.id as customer, ${toMs(startOfDay)} as at, count(*)::int as count
  from ${theirs(workspaceId, asked)} and not ${tellsOfSubscription}
  group by s.id, ${startOfDay}`;
