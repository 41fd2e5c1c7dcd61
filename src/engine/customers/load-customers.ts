import type { Sql } from '../../platform/database.ts';
import { perInstallation } from '../extensions.ts';
import { type CustomerRow, customerColumns, toState } from './customer-row.ts';
import type { CustomerState } from './state.ts';

/** Reads the state of existing customers, and keeps others from evaluating them until commit. */
export async function loadCustomers(
  sql: Sql,
  workspaceId: string,
  ids: string[],
): Promise<Map<string, CustomerState>> {
  if (ids.length === 0) return new Map();
  // Always in the same order, so that two transactions never wait for each other.
  const { rows } = await sql.query<CustomerRow>(selectCustomers(), [workspaceId, ids.toSorted()]);
  return new Map(rows.map((row) => [row.id, toState(row)]));
}

/** Looked up one by one: see `rowOfCustomer`. */
const selectCustomers = perInstallation(
  () => `
    select id, ${Object.keys(customerColumns()).join(', ')}
    from unnest($2::uuid[]) as wanted (customer_id) cross join lateral (
      select * from customer where workspace_id = $1 and id = wanted.customer_id
      offset 0 for no key update) as customer`,
);
