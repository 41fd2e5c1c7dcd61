import type { Sql } from '../../platform/database.ts';
import { maxSum } from './money-sum.ts';
import type { Name } from './names.ts';
import { rowOfCustomer } from './row-of-customer.ts';
import { type CustomerState, displayName } from './state.ts';

/** Creates the customers an event was the first to tell of, so that other rows may refer to them. */
export function insertCustomers(sql: Sql, workspaceId: string, states: CustomerState[]) {
  if (states.length === 0) return;
  sql.send(insertCustomerRows, [workspaceId, toJson(states)]);
}

export function updateCustomers(sql: Sql, workspaceId: string, states: CustomerState[]) {
  if (states.length === 0) return;
  sql.send(updateCustomerRows, [workspaceId, toJson(states)]);
}

export function insertNames(
  sql: Sql,
  workspaceId: string,
  names: Array<Name & { customerId: string; since: Date }>,
) {
  if (names.length === 0) return;
  sql.send(
    `insert into identity (workspace_id, kind, value, customer_id, since)
     select $1, * from unnest($2::text[], $3::text[], $4::uuid[], $5::timestamptz[])`,
    [
      workspaceId,
      names.map(({ kind }) => kind),
      names.map(({ value }) => value),
      names.map(({ customerId }) => customerId),
      names.map(({ since }) => since),
    ],
  );
}

/** Adds up what the batch brought in other currencies than the workspace's own. */
export function addForeignRevenue(sql: Sql, workspaceId: string, states: CustomerState[]) {
  const sums = states.flatMap(({ id, foreign }) =>
    [...foreign].map(([currency, sum]) => ({ id, currency, ...sum })),
  );
  if (sums.length === 0) return;
  sql.send(
    `insert into customer_foreign_revenue as revenue
       (workspace_id, customer_id, currency, gross_revenue, refunded)
     select $1, * from unnest($2::uuid[], $3::text[], $4::bigint[], $5::bigint[])
     on conflict (workspace_id, customer_id, currency) do update
       set gross_revenue = least(revenue.gross_revenue + excluded.gross_revenue, ${maxSum}),
           refunded = least(revenue.refunded + excluded.refunded, ${maxSum})`,
    [
      workspaceId,
      sums.map(({ id }) => id),
      sums.map(({ currency }) => currency),
      sums.map(({ gross }) => String(gross)),
      sums.map(({ refunded }) => String(refunded)),
    ],
  );
}

/** One JSON text for all rows: cheaper to make and to read than an array parameter per column. */
const toJson = (states: CustomerState[]) =>
  JSON.stringify(
    states.map(
      ({ id, userId, traits, traitsAt, email, evaluatedAt, dueAt, eventNames, facts }) => ({
        id,
        user_id: userId,
        email,
        name: displayName(traits),
        traits,
        traits_at: traitsAt,
        evaluated_at: evaluatedAt,
        due_at: dueAt,
        event_names: eventNames && [...eventNames],
        first_seen_at: facts.firstSeenAt,
        last_seen_at: facts.lastSeenAt,
        events: facts.events,
        active_days: facts.activeDays,
        sessions: facts.sessions,
        lead_at: facts.leadAt,
        signed_up_at: facts.signedUpAt,
        orders: facts.orders,
        first_order_at: facts.firstOrderAt,
        last_order_at: facts.lastOrderAt,
        order_days: facts.orderDays,
        first_day_value: String(facts.firstDayValue),
        gross_revenue: String(facts.grossRevenue),
        refunded: String(facts.refunded),
        subscription_started_at: facts.subscriptionStartedAt,
        subscription_renewals: facts.subscriptionRenewals,
        subscription_renewed_at: facts.subscriptionRenewedAt,
        subscription_cancelled_at: facts.subscriptionCancelledAt,
      }),
    ),
  );

const columns = {
  user_id: 'text',
  email: 'text',
  name: 'text',
  traits: 'jsonb',
  traits_at: 'jsonb',
  evaluated_at: 'timestamptz',
  due_at: 'timestamptz',
  due_cause: 'text',
  event_names: 'text[]',
  first_seen_at: 'timestamptz',
  last_seen_at: 'timestamptz',
  events: 'integer',
  active_days: 'integer',
  sessions: 'integer',
  lead_at: 'timestamptz',
  signed_up_at: 'timestamptz',
  orders: 'integer',
  first_order_at: 'timestamptz',
  last_order_at: 'timestamptz',
  order_days: 'integer',
  first_day_value: 'bigint',
  gross_revenue: 'bigint',
  refunded: 'bigint',
  subscription_started_at: 'timestamptz',
  subscription_renewals: 'integer',
  subscription_renewed_at: 'timestamptz',
  subscription_cancelled_at: 'timestamptz',
};
const names = Object.keys(columns);
const definition = Object.entries(columns).map(([name, type]) => `${name} ${type}`);

const insertCustomerRows = `
  insert into customer (workspace_id, id, ${names.join(', ')})
  select $1, id, ${names.join(', ')}
  from jsonb_to_recordset($2) as row (id uuid, ${definition.join(', ')})`;

const updateCustomerRows = `
  update customer set ${names.map((name) => `${name} = row.${name}`).join(', ')}
  from jsonb_to_recordset($2) as row (id uuid, ${definition.join(', ')})
  cross join lateral ${rowOfCustomer('row.id')} as found
  where customer.workspace_id = $1 and customer.ctid = found.ctid`;
