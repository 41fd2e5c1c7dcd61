import type { Transaction } from '../../platform/database.ts';
import { type RowColumns, rawSql, sql, unnestRows } from '../../platform/sql.ts';
import { perInstallation } from '../extensions.ts';
import { customerColumns, toRow } from './customer-row.ts';
import type { Facts } from './fact.ts';
import { currencyFacts, writeFact } from './fact-table.ts';
import { maxSum } from './money-sum.ts';
import type { Name } from './names.ts';
import { rowOfCustomer } from './row-of-customer.ts';
import type { CustomerState } from './state.ts';

/** Inserts new customers, so that other rows can refer to them. */
export function insertCustomers(db: Transaction, states: CustomerState[]) {
  if (states.length === 0) return;
  const { names, rows } = customerRows(states);
  db.send(sql`
    insert into customer (workspace_id, id, ${names}) select ${db.workspaceId}, id, ${names} from ${rows}`);
}

export function updateCustomers(db: Transaction, states: CustomerState[]) {
  if (states.length === 0) return;
  const { assignments, rows } = customerRows(states);
  db.send(sql`
    update customer set ${assignments} from ${rows}
    cross join lateral ${rowOfCustomer(db, 'row.id')} as found
    where customer.workspace_id = ${db.workspaceId} and customer.ctid = found.ctid`);
}

type CustomerName = Name & { customerId: string; since: Date };

const nameColumns: RowColumns<CustomerName> = {
  kind: ['text', ({ kind }) => kind],
  value: ['text', ({ value }) => value],
  customer_id: ['uuid', ({ customerId }) => customerId],
  since: ['timestamptz', ({ since }) => since],
};

export function insertNames(db: Transaction, names: readonly CustomerName[]) {
  if (names.length === 0) return;
  db.send(sql`
    insert into identity (workspace_id, kind, value, customer_id, since)
    select ${db.workspaceId}, * from ${unnestRows('name', names, nameColumns)}`);
}

/** Adds the amounts of the batch in foreign currencies. */
export function addForeignRevenue(db: Transaction, states: CustomerState[]) {
  const sums = states.flatMap(({ id, foreign }) =>
    [...foreign].map(([currency, sum]) => toForeignRow(id, currency, sum)),
  );
  if (sums.length === 0) return;
  const { names, types, assignments } = foreignColumns();
  db.send(sql`
    insert into customer_foreign_revenue as revenue (workspace_id, customer_id, currency, ${names})
    select ${db.workspaceId}, customer_id, currency, ${names}
    from jsonb_to_recordset(${JSON.stringify(sums)}) as row
      (customer_id uuid, currency text, ${types})
    on conflict (workspace_id, customer_id, currency) do update set ${assignments}`);
}

const toForeignRow = (id: string, currency: string, sums: Facts): Record<string, unknown> => ({
  customer_id: id,
  currency,
  ...Object.fromEntries(
    currencyFacts().map(({ column }) => [column, writeFact(sums[column] ?? 0n)]),
  ),
});

/** All rows as one JSON parameter: cheaper to write and parse than an array parameter for each column. */
function customerRows(states: CustomerState[]) {
  const { names, types, assignments } = storedColumns();
  const json = JSON.stringify(states.map(toRow));
  return { names, assignments, rows: sql`jsonb_to_recordset(${json}) as row (id uuid, ${types})` };
}

const storedColumns = perInstallation(() => {
  const columns = Object.entries(customerColumns());
  return {
    names: rawList(columns.map(([name]) => name)),
    types: rawList(columns.map(([name, type]) => `${name} ${type}`)),
    assignments: rawList(columns.map(([name]) => `${name} = row.${name}`)),
  };
});

const foreignColumns = perInstallation(() => {
  const names = currencyFacts().map(({ column }) => column);
  const sum = (name: string) => `least(revenue.${name} + excluded.${name}, ${maxSum})`;
  return {
    names: rawList(names),
    types: rawList(names.map((name) => `${name} bigint`)),
    assignments: rawList(names.map((name) => `${name} = ${sum(name)}`)),
  };
});

const rawList = (parts: readonly string[]) => rawSql(parts.join(', '));
