import type { Sql } from '../platform/database.ts';
import type { Facts } from './facts.ts';
import { sessionPause } from './sessions.ts';
import type { CustomerState } from './state.ts';

interface CustomerRow extends Omit<Facts, 'grossRevenue' | 'refunded'> {
  id: string;
  userId: string | null;
  email: string | null;
  traits: Record<string, unknown>;
  traitsAt: Record<string, number>;
  evaluatedAt: Date;
  grossRevenue: string;
  refunded: string;
}

export interface LoadRequest {
  ids: string[];
  /** The days and the views (ms) that are about to be applied to each of them. */
  days: Array<{ customer: string; day: string }>;
  views: Array<{ customer: string; at: number }>;
}

/** Reads the state of existing customers, as far as the events about to be applied can touch it. */
export async function loadCustomers(
  sql: Sql,
  workspaceId: string,
  { ids, days, views }: LoadRequest,
): Promise<Map<string, CustomerState>> {
  if (ids.length === 0) return new Map();
  const { rows } = await sql.query<CustomerRow>(selectCustomers, [workspaceId, ids]);
  const states = new Map(rows.map((row) => [row.id, toState(row)]));
  await loadDays(sql, workspaceId, days, states);
  if (views.length > 0) await loadSessions(sql, workspaceId, views, states);
  return states;
}

function toState(row: CustomerRow): CustomerState {
  const { id, userId, email, traits, traitsAt, evaluatedAt, ...facts } = row;
  const money = { grossRevenue: BigInt(facts.grossRevenue), refunded: BigInt(facts.refunded) };
  return {
    id,
    isNew: false,
    userId,
    email,
    traits,
    traitsAt,
    facts: { ...facts, ...money },
    evaluatedAt,
    days: new Set(),
    newDays: [],
    sessions: [],
    foreign: new Map(),
  };
}

async function loadDays(
  sql: Sql,
  workspaceId: string,
  days: LoadRequest['days'],
  states: Map<string, CustomerState>,
) {
  const { rows } = await sql.query<{ customer: string; day: string }>(selectDays, [
    workspaceId,
    days.map(({ customer }) => customer),
    days.map(({ day }) => day),
  ]);
  for (const { customer, day } of rows) states.get(customer)?.days.add(day);
}

async function loadSessions(
  sql: Sql,
  workspaceId: string,
  views: LoadRequest['views'],
  states: Map<string, CustomerState>,
) {
  const { rows } = await sql.query<{ customer: string; start: number; end: number }>(
    selectSessions,
    [
      workspaceId,
      views.map(({ customer }) => customer),
      views.map(({ at }) => new Date(at)),
      sessionPause / 1000,
    ],
  );
  for (const { customer, start, end } of rows) states.get(customer)?.sessions.push({ start, end });
}

const selectCustomers = `
  select id, user_id as "userId", email, traits, traits_at as "traitsAt", evaluated_at as "evaluatedAt",
    first_seen_at as "firstSeenAt", last_seen_at as "lastSeenAt", events,
    active_days as "activeDays", sessions, lead_at as "leadAt", signed_up_at as "signedUpAt",
    orders, first_order_at as "firstOrderAt", last_order_at as "lastOrderAt",
    gross_revenue as "grossRevenue", refunded,
    subscription_started_at as "subscriptionStartedAt",
    subscription_renewals as "subscriptionRenewals",
    subscription_renewed_at as "subscriptionRenewedAt",
    subscription_cancelled_at as "subscriptionCancelledAt"
  from customer
  where workspace_id = $1 and id = any($2::uuid[])`;

const selectDays = `
  select d.customer_id as customer, d.day::text as day
  from unnest($2::uuid[], $3::date[]) as wanted (customer_id, day)
  join customer_day d
    on d.workspace_id = $1 and d.customer_id = wanted.customer_id and d.day = wanted.day`;

const selectSessions = `
  select distinct s.customer_id as customer,
    (extract(epoch from s.started_at) * 1000)::float8 as start,
    (extract(epoch from s.ended_at) * 1000)::float8 as end
  from unnest($2::uuid[], $3::timestamptz[]) as viewed (customer_id, at)
  join customer_session s on s.workspace_id = $1 and s.customer_id = viewed.customer_id
    and viewed.at between s.started_at - make_interval(secs => $4)
                      and s.ended_at + make_interval(secs => $4)`;
