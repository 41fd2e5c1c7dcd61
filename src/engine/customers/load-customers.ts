import type { Transaction } from '../../platform/database.ts';
import { rawSql, sql } from '../../platform/sql.ts';
import { perInstallation } from '../extensions.ts';
import { type CustomerRow, customerColumns, toState } from './customer-row.ts';
import type { CustomerState } from './state.ts';

/**
 * Loads and locks existing customers, so that no other transaction evaluates them until commit. Looks them up one by
 * one: see `rowOfCustomer`.
 */
export async function loadCustomers(
  db: Transaction,
  ids: string[],
): Promise<Map<string, CustomerState>> {
  if (ids.length === 0) return new Map();
  // Always in the same order, so that two transactions cannot deadlock.
  const { rows } = await db.query<CustomerRow>(sql`
    select id, ${columnNames()} from unnest(${ids.toSorted()}::uuid[]) as wanted (customer_id)
    cross join lateral (
      select * from customer where workspace_id = ${db.workspaceId} and id = wanted.customer_id
      offset 0 for no key update) as customer`);
  return new Map(rows.map((row) => [row.id, toState(row)]));
}

const columnNames = perInstallation(() => rawSql(Object.keys(customerColumns()).join(', ')));
