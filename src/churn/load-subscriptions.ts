import { Prisma } from '../../prisma/generated/client.ts';
import { parseDuration } from '../conditions/duration.ts';
import type { Sql } from '../platform/database.ts';
import type { SubscriptionHistory } from './subscription/renewal-rows.ts';
import type { SubscriptionEvent } from './subscription/subscription-event.ts';

/** What tells of a subscription, by the names of events in any case. */
const kindsByName = {
  'subscription started': 'STARTED',
  'subscription renewed': 'RENEWED',
  'subscription cancelled': 'CANCELLED',
  'subscription canceled': 'CANCELLED',
  'payment failed': 'PAYMENT_FAILED',
  'payment recovered': 'PAYMENT_RECOVERED',
  'satisfaction given': 'SATISFACTION_GIVEN',
} as const satisfies Record<string, SubscriptionEvent['kind']>;

interface EventRow {
  customer: string;
  name: string;
  at: Date;
  properties: Record<string, unknown>;
}

interface ActivityRow {
  customer: string;
  at: Date;
  count: number;
}

interface Asked {
  /** Survivors; everybody who ever had a subscription when absent. */
  ids?: readonly string[] | undefined;
  /** Nothing later counts. */
  until: Date;
}

/**
 * What is known of subscriptions, those of customers merged into the ones asked about included. Activity is
 * counted by the day, at its last event.
 */
export async function loadSubscriptions(
  sql: Sql,
  workspaceId: string,
  asked: Asked,
): Promise<SubscriptionHistory[]> {
  const events = selectEvents(workspaceId, asked);
  const activity = selectActivity(workspaceId, asked);
  const [told, done] = await Promise.all([
    sql.query<EventRow>(events.text, events.values),
    sql.query<ActivityRow>(activity.text, activity.values),
  ]);
  const active = Map.groupBy(done.rows, ({ customer }) => customer);
  return [...Map.groupBy(told.rows, ({ customer }) => customer)].map(([customer, rows]) => ({
    customer,
    events: rows.flatMap(toEvent),
    activity: (active.get(customer) ?? []).map(({ at, count }) => ({ at: at.getTime(), count })),
  }));
}

const theirs = (workspaceId: string, { ids, until }: Asked) => Prisma.sql`
  event e
  join customer c on c.workspace_id = e.workspace_id and c.id = e.customer_id
  join customer s on s.workspace_id = e.workspace_id and s.id = coalesce(c.merged_into, c.id)
    and s.subscription_started_at is not null
  where e.workspace_id = ${workspaceId}::uuid and e.occurred_at <= ${until}::timestamptz
    ${ids ? Prisma.sql`and s.id = any(${ids}::uuid[])` : Prisma.empty}`;

const selectEvents = (workspaceId: string, asked: Asked) => Prisma.sql`
  select s.id as customer, lower(trim(e.name)) as name, e.occurred_at as at, e.properties
  from ${theirs(workspaceId, asked)} and e.kind = 'track'
    and lower(trim(e.name)) = any(${Object.keys(kindsByName)}::text[])`;

const selectActivity = (workspaceId: string, asked: Asked) => Prisma.sql`
  select s.id as customer, max(e.occurred_at) as at, count(*)::int as count
  from ${theirs(workspaceId, asked)}
  group by s.id, e.occurred_at::date`;

/** What a property says wrongly is left out: one odd event must not cost all others. */
function toEvent({ name, at: instant, properties }: EventRow): SubscriptionEvent[] {
  const kind = kindsByName[name as keyof typeof kindsByName];
  const at = instant.getTime();
  if (kind === 'SATISFACTION_GIVEN') return toAnswer(at, properties);
  if (kind !== 'STARTED' && kind !== 'RENEWED') return [{ kind, at }];
  const plan = text(properties['plan']);
  const period = periodOf(text(properties['period']));
  const renewsAt = renewalOf(text(properties['renewsAt']), at);
  return [{ kind, at, plan, period, renewsAt }];
}

const text = (value: unknown) => (typeof value === 'string' && value !== '' ? value : undefined);

const periodOf = (told: string | undefined) =>
  told !== undefined && typeof parseDuration(told) !== 'string' ? told : undefined;

const longest = 36_525 * 86_400_000;

function renewalOf(told: string | undefined, at: number): number | undefined {
  const renewsAt = Date.parse(told ?? '');
  return renewsAt > at && renewsAt - at <= longest ? renewsAt : undefined;
}

function toAnswer(at: number, { score }: Record<string, unknown>): SubscriptionEvent[] {
  const isAnswer = typeof score === 'number' && score >= 0 && score <= 10;
  return isAnswer ? [{ kind: 'SATISFACTION_GIVEN', at, score }] : [];
}
