import type { Sql } from '../../platform/database.ts';
import { perInstallation } from '../extensions.ts';
import { customerColumns, toRow } from './customer-row.ts';
import type { Facts } from './fact.ts';
import { currencyFacts, writeFact } from './fact-table.ts';
import { maxSum } from './money-sum.ts';
import type { Name } from './names.ts';
import { rowOfCustomer } from './row-of-customer.ts';
import type { CustomerState } from './state.ts';

/** Creates the customers an event was the first to tell of, so that other rows may refer to them. */
export function insertCustomers(sql: Sql, workspaceId: string, states: CustomerState[]) {
  if (states.length === 0) return;
  sql.send(statements().insert, [workspaceId, toJson(states)]);
}

export function updateCustomers(sql: Sql, workspaceId: string, states: CustomerState[]) {
  if (states.length === 0) return;
  sql.send(statements().update, [workspaceId, toJson(states)]);
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
    [...foreign].map(([currency, sum]) => toForeignRow(id, currency, sum)),
  );
  if (sums.length > 0) sql.send(statements().addForeign, [workspaceId, JSON.stringify(sums)]);
}

const toForeignRow = (id: string, currency: string, sums: Facts): Record<string, unknown> => ({
  customer_id: id,
  currency,
  ...Object.fromEntries(
    currencyFacts().map(({ column }) => [column, writeFact(sums[column] ?? 0n)]),
  ),
});

/** One JSON text for all rows: cheaper to make and to read than an array parameter per column. */
const toJson = (states: CustomerState[]) => JSON.stringify(states.map(toRow));

const statements = perInstallation(() => {
  const columns = Object.entries(customerColumns());
  const names = columns.map(([name]) => name);
  const rows = `jsonb_to_recordset($2) as row
    (id uuid, ${columns.map(([name, type]) => `${name} ${type}`).join(', ')})`;
  const sums = currencyFacts().map(({ column }) => column);
  return {
    insert: `
      insert into customer (workspace_id, id, ${names.join(', ')})
      select $1, id, ${names.join(', ')} from ${rows}`,
    update: `
      update customer set ${names.map((name) => `${name} = row.${name}`).join(', ')}
      from ${rows}
      cross join lateral ${rowOfCustomer('row.id')} as found
      where customer.workspace_id = $1 and customer.ctid = found.ctid`,
    addForeign: `
      insert into customer_foreign_revenue as revenue
        (workspace_id, customer_id, currency, ${sums.join(', ')})
      select $1, customer_id, currency, ${sums.join(', ')}
      from jsonb_to_recordset($2) as row
        (customer_id uuid, currency text, ${sums.map((name) => `${name} bigint`).join(', ')})
      on conflict (workspace_id, customer_id, currency) do update
        set ${sums.map((name) => `${name} = least(revenue.${name} + excluded.${name}, ${maxSum})`).join(', ')}`,
  };
});
