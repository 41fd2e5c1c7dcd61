import type { Sql } from '../../platform/database.ts';
import { dayOf } from '../../platform/time/day-of.ts';
import type { Effect } from './effects.ts';
import type { Facts } from './facts.ts';
import { sessionPause } from './sessions.ts';
import { type CustomerState, plainRecord } from './state.ts';

interface CustomerRow extends Omit<Facts, 'firstDayValue' | 'grossRevenue' | 'refunded'> {
  id: string;
  userId: string | null;
  email: string | null;
  traits: Record<string, unknown>;
  traitsAt: Record<string, number>;
  evaluatedAt: Date;
  dueAt: Date | null;
  dueCause: 'DEFINITION' | null;
  eventNames: string[] | null;
  firstDayValue: string;
  grossRevenue: string;
  refunded: string;
}

export interface CustomerDay {
  customer: string;
  day: string;
}

/** What of a customer's past the events about to be applied may touch. */
export interface Surroundings {
  timeZone: string;
  /** The days and the views (ms) that are about to be applied to each of them. */
  days: CustomerDay[];
  orderDays: CustomerDay[];
  views: Array<{ customer: string; at: number }>;
}

/**
 * Reads the state of existing customers, as far as the events about to be applied can touch it, and keeps
 * everybody else from evaluating them until commit.
 */
export async function loadCustomers(
  sql: Sql,
  workspaceId: string,
  ids: string[],
  { timeZone, days, orderDays, views }: Surroundings = {
    timeZone: 'UTC',
    days: [],
    orderDays: [],
    views: [],
  },
): Promise<Map<string, CustomerState>> {
  if (ids.length === 0) return new Map();
  // Always in the same order, so that nobody waits for somebody who waits for them.
  const inOrder = ids.toSorted();
  const { rows } = await sql.query<CustomerRow>(selectCustomers, [workspaceId, inOrder]);
  const states = new Map(rows.map((row) => [row.id, toState(row)]));
  for (const [wanted, kind] of [
    [days, activeDays],
    [orderDays, daysWithOrders],
  ] as const) {
    await loadDays(sql, workspaceId, { wanted, kind, timeZone }, states);
  }
  await loadViews(sql, workspaceId, views.filter(isNear(states)), states);
  return states;
}

/** Days of one kind: which events make them, and what is known of a customer's. */
interface DayKind {
  /** Null for all events. */
  effect: Effect | null;
  of(state: CustomerState): { known: Set<string>; first: Date | null; last: Date | null };
}

const activeDays: DayKind = {
  effect: null,
  of: ({ days, facts }) => ({ known: days, first: facts.firstSeenAt, last: facts.lastSeenAt }),
};
const daysWithOrders: DayKind = {
  effect: 'order',
  of: ({ orderDays, facts }) => ({
    known: orderDays,
    first: facts.firstOrderAt,
    last: facts.lastOrderAt,
  }),
};

/**
 * The first and the last of a customer's days are known from its row, and a later day is new: only days in
 * between, of events that come late, have to be looked up.
 */
function daysInDoubt(
  { wanted, kind, timeZone }: WantedDays,
  states: Map<string, CustomerState>,
): CustomerDay[] {
  if (wanted.length === 0) return [];
  const latest = new Map<string, string>();
  for (const state of states.values()) {
    const { known, first, last } = kind.of(state);
    if (!first || !last) continue;
    known.add(dayOf(first, timeZone)).add(dayOf(last, timeZone));
    latest.set(state.id, dayOf(last, timeZone));
  }
  return wanted.filter(({ customer, day }) => {
    const state = states.get(customer);
    return state && day < (latest.get(customer) ?? '') && !kind.of(state).known.has(day);
  });
}

/** A view long after the last event, or long before the first, adjoins none. */
const isNear =
  (states: Map<string, CustomerState>) =>
  ({ customer, at }: Surroundings['views'][number]) => {
    const facts = states.get(customer)?.facts;
    return (
      facts !== undefined &&
      at <= facts.lastSeenAt.getTime() + sessionPause &&
      at >= facts.firstSeenAt.getTime() - sessionPause
    );
  };

function toState(row: CustomerRow): CustomerState {
  const {
    id,
    userId,
    email,
    traits,
    traitsAt,
    evaluatedAt,
    dueAt,
    dueCause,
    eventNames,
    ...facts
  } = row;
  const money = {
    firstDayValue: BigInt(facts.firstDayValue),
    grossRevenue: BigInt(facts.grossRevenue),
    refunded: BigInt(facts.refunded),
  };
  return {
    id,
    isNew: false,
    userId,
    email,
    traits: plainRecord(traits),
    traitsAt: plainRecord(traitsAt),
    facts: { ...facts, ...money },
    evaluatedAt,
    dueAt,
    dueCause,
    names: [],
    eventNames: eventNames && new Set(eventNames),
    days: new Set(),
    orderDays: new Set(),
    views: [],
    foreign: new Map(),
  };
}

interface WantedDays {
  wanted: readonly CustomerDay[];
  kind: DayKind;
  timeZone: string;
}

async function loadDays(
  sql: Sql,
  workspaceId: string,
  asked: WantedDays,
  states: Map<string, CustomerState>,
) {
  const days = daysInDoubt(asked, states);
  if (days.length === 0) return;
  const { rows } = await sql.query<CustomerDay>(selectDays, [
    workspaceId,
    days.map(({ customer }) => customer),
    days.map(({ day }) => day),
    asked.timeZone,
    asked.kind.effect,
  ]);
  for (const { customer, day } of rows) {
    const state = states.get(customer);
    if (state) asked.kind.of(state).known.add(day);
  }
}

async function loadViews(
  sql: Sql,
  workspaceId: string,
  views: Surroundings['views'],
  states: Map<string, CustomerState>,
) {
  if (views.length === 0) return;
  const { rows } = await sql.query<{ customer: string; at: number }>(selectViews, [
    workspaceId,
    views.map(({ customer }) => customer),
    views.map(({ at }) => new Date(at)),
    sessionPause / 1000,
  ]);
  for (const { customer, at } of rows) states.get(customer)?.views.push(at);
}

/** Looked up one by one: see `rowOfCustomer`. */
const selectCustomers = `
  select id, user_id as "userId", email, traits, traits_at as "traitsAt", evaluated_at as "evaluatedAt",
    due_at as "dueAt", due_cause as "dueCause", event_names as "eventNames",
    first_seen_at as "firstSeenAt", last_seen_at as "lastSeenAt", events,
    active_days as "activeDays", sessions, lead_at as "leadAt", signed_up_at as "signedUpAt",
    orders, first_order_at as "firstOrderAt", last_order_at as "lastOrderAt",
    order_days as "orderDays", first_day_value as "firstDayValue",
    gross_revenue as "grossRevenue", refunded,
    subscription_started_at as "subscriptionStartedAt",
    subscription_renewals as "subscriptionRenewals",
    subscription_renewed_at as "subscriptionRenewedAt",
    subscription_cancelled_at as "subscriptionCancelledAt"
  from unnest($2::uuid[]) as asked (customer_id) cross join lateral (
    select * from customer where workspace_id = $1 and id = asked.customer_id
    offset 0 for no key update) as customer`;

/** Two look-ups rather than one with `or`: that one reads all customers while a table has no statistics. */
const familyOf = (id: string) => `
    select ${id} as id
    union all
    select absorbed.id from customer absorbed
    where absorbed.workspace_id = $1 and absorbed.merged_into = ${id}
  `;

/**
 * On which of these days the customers, or those merged into them, were active or ordered already. Where clocks are
 * put back at midnight a day begins twice, so the index finds a little more and the calendar decides.
 */
const selectDays = `
  select distinct wanted.customer_id as customer, wanted.day::text as day
  from unnest($2::uuid[], $3::date[]) as wanted (customer_id, day)
  cross join lateral (${familyOf('wanted.customer_id')}) as member
  where exists (
    select from event e
    where e.workspace_id = $1 and e.customer_id = member.id
      and e.occurred_at >= wanted.day::timestamp at time zone $4 - interval '3 hours'
      and e.occurred_at < (wanted.day + 1)::timestamp at time zone $4 + interval '3 hours'
      and (e.occurred_at at time zone $4)::date = wanted.day
      and ($5::text is null or e.effect = $5))`;

/** The nearest view on either side of each view to come: whether sessions touch shows in these alone. */
const selectViews = `
  select distinct viewed.customer_id as customer,
    (extract(epoch from near.occurred_at) * 1000)::float8 as at
  from unnest($2::uuid[], $3::timestamptz[]) as viewed (customer_id, at)
  cross join lateral (${familyOf('viewed.customer_id')}) as member
  cross join lateral (
    (select e.occurred_at from event e
     where e.workspace_id = $1 and e.customer_id = member.id and e.effect = 'view'
       and e.occurred_at between viewed.at - make_interval(secs => $4) and viewed.at
     order by e.occurred_at desc limit 1)
    union all
    (select e.occurred_at from event e
     where e.workspace_id = $1 and e.customer_id = member.id and e.effect = 'view'
       and e.occurred_at between viewed.at and viewed.at + make_interval(secs => $4)
     order by e.occurred_at limit 1)
  ) as near`;
