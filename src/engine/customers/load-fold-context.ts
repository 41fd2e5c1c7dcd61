import type { Transaction } from '../../platform/database.ts';
import { type Sql, sql, unnestRows } from '../../platform/sql.ts';
import { dayOf } from '../../platform/time/day-of.ts';
import { viewEffect } from './effects.ts';
import { instantOf, type StoredFact } from './fact.ts';
import { dayFacts, isEventOf, isFoldedInto } from './fact-table.ts';
import { familyOf } from './family.ts';
import { sessionTimeoutMs } from './sessions.ts';
import type { CustomerState } from './state.ts';

/** An event to be applied to a customer. */
export interface UpcomingEvent {
  customer: string;
  effect: string | null;
  currency: string | null;
  at: Date;
}

/** Events to be applied, with the loaded states of their customers. */
interface FoldContextQuery {
  timeZone: string;
  /** The workspace's currency. */
  currency: string;
  states: ReadonlyMap<string, CustomerState>;
  events: readonly UpcomingEvent[];
}

interface CustomerDay {
  customer: string;
  day: string;
}

/** Adds to the states the stored days and views that the events may coincide with. */
export async function loadFoldContext(db: Transaction, query: FoldContextQuery): Promise<void> {
  const days = query.events.map(({ at }) => dayOf(at, query.timeZone));
  for (const fact of dayFacts()) await loadDays(db, query, days, fact);
  await loadViews(db, query);
}

type DayFact = ReturnType<typeof dayFacts>[number];

async function loadDays(
  db: Transaction,
  query: FoldContextQuery,
  days: readonly string[],
  fact: DayFact,
) {
  const { timeZone, currency, states, events } = query;
  const wanted = events.flatMap((event, index) => {
    const day = days[index];
    const { customer } = event;
    return day !== undefined && isFoldedInto(fact, event, currency) ? [{ customer, day }] : [];
  });
  const uncertain = uncertainDays(query, wanted, fact);
  if (uncertain.length === 0) return;
  const { rows } = await db.query<CustomerDay>(selectDays(db, timeZone, uncertain, fact));
  for (const { customer, day } of rows) states.get(customer)?.days[fact.column]?.add(day);
}

/**
 * The first and the last day are known from the customer's row, and a later day is new. Only days in between, of late
 * events, must be looked up.
 */
function uncertainDays(
  { states, timeZone }: FoldContextQuery,
  wanted: readonly CustomerDay[],
  { column, span }: DayFact,
): CustomerDay[] {
  if (wanted.length === 0) return [];
  const latest = new Map<string, string>();
  for (const { id, facts, days } of states.values()) {
    const [first, last] = [instantOf(facts[span.first]), instantOf(facts[span.last])];
    if (!first || !last) continue;
    days[column]?.add(dayOf(first, timeZone)).add(dayOf(last, timeZone));
    latest.set(id, dayOf(last, timeZone));
  }
  return wanted.filter(
    ({ customer, day }) =>
      day < (latest.get(customer) ?? '') && !states.get(customer)?.days[column]?.has(day),
  );
}

/**
 * Selects the days on which the customers, or those merged into them, had events of the fact. The index range is three
 * hours wider on each side, because a day begins twice if clocks are set back at midnight; the date then decides.
 */
const selectDays = (
  { workspaceId }: Transaction,
  timeZone: string,
  days: readonly CustomerDay[],
  fact: StoredFact,
) => sql`
  select distinct wanted.customer_id as customer, wanted.day::text as day
  from ${unnestRows('wanted', days, {
    customer_id: ['uuid', ({ customer }) => customer],
    day: ['date', ({ day }) => day],
  })}
  cross join lateral ${familyOf(workspaceId, sql`wanted.customer_id`)} as member
  where exists (
    select from event e
    where e.workspace_id = ${workspaceId}::uuid and e.customer_id = member.id
      and e.occurred_at >= wanted.day::timestamp at time zone ${timeZone}::text - interval '3 hours'
      and e.occurred_at < (wanted.day + 1)::timestamp at time zone ${timeZone}::text + interval '3 hours'
      and (e.occurred_at at time zone ${timeZone}::text)::date = wanted.day
      and ${isEventOf(fact, workspaceId)})`;

async function loadViews(db: Transaction, { states, events }: FoldContextQuery) {
  const views = events.filter(
    ({ customer, effect, at }) =>
      effect === viewEffect && isNear(at.getTime(), states.get(customer)),
  );
  if (views.length === 0) return;
  const { rows } = await db.query<{ customer: string; at: number }>(selectViews(db, views));
  for (const { customer, at } of rows) states.get(customer)?.views.push(at);
}

/** Whether a view may be within the session timeout of another one. */
function isNear(at: number, state: CustomerState | undefined): boolean {
  const first = instantOf(state?.facts['first_seen_at']);
  const last = instantOf(state?.facts['last_seen_at']);
  if (!first || !last) return false;
  return at <= last.getTime() + sessionTimeoutMs && at >= first.getTime() - sessionTimeoutMs;
}

/** Selects the nearest stored view on either side of each new view, which decide whether sessions join. */
function selectViews({ workspaceId }: Transaction, views: readonly UpcomingEvent[]): Sql {
  const pause = sql`make_interval(secs => ${sessionTimeoutMs / 1000}::float8)`;
  const nearest = (range: Sql, direction: Sql) => sql`
    (select e.occurred_at from event e
     where e.workspace_id = ${workspaceId}::uuid and e.customer_id = member.id
       and e.effect = ${viewEffect}::text and e.occurred_at between ${range}
     order by e.occurred_at ${direction} limit 1)`;
  return sql`
    select distinct viewed.customer_id as customer,
      (extract(epoch from near.occurred_at) * 1000)::float8 as at
    from ${unnestRows('viewed', views, {
      customer_id: ['uuid', ({ customer }) => customer],
      at: ['timestamptz', ({ at }) => at],
    })}
    cross join lateral ${familyOf(workspaceId, sql`viewed.customer_id`)} as member
    cross join lateral (
      ${nearest(sql`viewed.at - ${pause} and viewed.at`, sql`desc`)}
      union all
      ${nearest(sql`viewed.at and viewed.at + ${pause}`, sql`asc`)}
    ) as near`;
}
