import { Prisma } from '../../../prisma/generated/client.ts';
import type { Sql } from '../../platform/database.ts';
import { dayOf } from '../../platform/time/day-of.ts';
import { viewEffect } from './effects.ts';
import { instantOf, type StoredFact } from './fact.ts';
import { dayFacts, hasEffect, isFoldedInto } from './fact-table.ts';
import { familyOf } from './family.ts';
import { sessionPause } from './sessions.ts';
import type { CustomerState } from './state.ts';

/** An event that is about to be applied to a customer. */
export interface UpcomingEvent {
  customer: string;
  effect: string | null;
  at: Date;
}

/** Events whose customers' states were loaded. */
interface Upcoming {
  workspaceId: string;
  timeZone: string;
  states: ReadonlyMap<string, CustomerState>;
  events: readonly UpcomingEvent[];
}

interface CustomerDay {
  customer: string;
  day: string;
}

/** Fills in the days and the views of existing customers that the events about to be applied may touch. */
export async function loadSurroundings(sql: Sql, upcoming: Upcoming): Promise<void> {
  const days = upcoming.events.map(({ at }) => dayOf(at, upcoming.timeZone));
  for (const fact of dayFacts()) await loadDays(sql, upcoming, days, fact);
  await loadViews(sql, upcoming);
}

type DayFact = ReturnType<typeof dayFacts>[number];

async function loadDays(sql: Sql, upcoming: Upcoming, days: readonly string[], fact: DayFact) {
  const { workspaceId, timeZone, states, events } = upcoming;
  const wanted = events.flatMap(({ customer, effect }, index) => {
    const day = days[index];
    return day !== undefined && isFoldedInto(fact, effect) ? [{ customer, day }] : [];
  });
  const uncertain = uncertainDays(upcoming, wanted, fact);
  if (uncertain.length === 0) return;
  const { text, values } = selectDays(workspaceId, timeZone, uncertain, fact);
  const { rows } = await sql.query<CustomerDay>(text, values);
  for (const { customer, day } of rows) states.get(customer)?.days[fact.column]?.add(day);
}

/**
 * The first and the last of a customer's days are known from its row, and a later day is new: only days in
 * between, of events that come late, have to be looked up.
 */
function uncertainDays(
  { states, timeZone }: Upcoming,
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
 * On which of these days the customers, or those merged into them, had events of the fact. Where clocks are
 * put back at midnight a day begins twice, so the index finds a little more and the calendar decides.
 */
const selectDays = (
  workspaceId: string,
  timeZone: string,
  days: readonly CustomerDay[],
  { effects }: StoredFact,
) => Prisma.sql`
  select distinct wanted.customer_id as customer, wanted.day::text as day
  from unnest(${days.map(({ customer }) => customer)}::uuid[], ${days.map(({ day }) => day)}::date[])
    as wanted (customer_id, day)
  cross join lateral ${familyOf(workspaceId, Prisma.sql`wanted.customer_id`)} as member
  where exists (
    select from event e
    where e.workspace_id = ${workspaceId}::uuid and e.customer_id = member.id
      and e.occurred_at >= wanted.day::timestamp at time zone ${timeZone}::text - interval '3 hours'
      and e.occurred_at < (wanted.day + 1)::timestamp at time zone ${timeZone}::text + interval '3 hours'
      and (e.occurred_at at time zone ${timeZone}::text)::date = wanted.day
      and ${hasEffect(effects)})`;

async function loadViews(sql: Sql, { workspaceId, states, events }: Upcoming) {
  const views = events.filter(
    ({ customer, effect, at }) =>
      effect === viewEffect && isNear(at.getTime(), states.get(customer)),
  );
  if (views.length === 0) return;
  const { text, values } = selectViews(workspaceId, views);
  const { rows } = await sql.query<{ customer: string; at: number }>(text, values);
  for (const { customer, at } of rows) states.get(customer)?.views.push(at);
}

/** A view long after the last event, or long before the first, adjoins none. */
function isNear(at: number, state: CustomerState | undefined): boolean {
  const first = instantOf(state?.facts['first_seen_at']);
  const last = instantOf(state?.facts['last_seen_at']);
  if (!first || !last) return false;
  return at <= last.getTime() + sessionPause && at >= first.getTime() - sessionPause;
}

/** The nearest view on either side of each view to come: whether sessions touch shows in these alone. */
function selectViews(workspaceId: string, views: readonly UpcomingEvent[]): Prisma.Sql {
  const pause = Prisma.sql`make_interval(secs => ${sessionPause / 1000}::float8)`;
  const nearest = (range: Prisma.Sql, direction: Prisma.Sql) => Prisma.sql`
    (select e.occurred_at from event e
     where e.workspace_id = ${workspaceId}::uuid and e.customer_id = member.id
       and e.effect = ${viewEffect}::text and e.occurred_at between ${range}
     order by e.occurred_at ${direction} limit 1)`;
  return Prisma.sql`
    select distinct viewed.customer_id as customer,
      (extract(epoch from near.occurred_at) * 1000)::float8 as at
    from unnest(${views.map(({ customer }) => customer)}::uuid[], ${views.map(({ at }) => at)}::timestamptz[])
      as viewed (customer_id, at)
    cross join lateral ${familyOf(workspaceId, Prisma.sql`viewed.customer_id`)} as member
    cross join lateral (
      ${nearest(Prisma.sql`viewed.at - ${pause} and viewed.at`, Prisma.sql`desc`)}
      union all
      ${nearest(Prisma.sql`viewed.at and viewed.at + ${pause}`, Prisma.sql`asc`)}
    ) as near`;
}
