import type { Transaction } from '../../platform/database.ts';
import { rawSql, type Sql, sql } from '../../platform/sql.ts';

/**
 * Selects the `ctid` of a customer's row by an index look-up. A join by id would read all customers for each batch
 * while the planner has no statistics. Requires that the customer is locked; otherwise the `ctid` may be outdated.
 */
export const rowOfCustomer = ({ workspaceId }: Transaction, id: string): Sql => sql`
  (select ctid from customer where workspace_id = ${workspaceId} and id = ${rawSql(id)} offset 0)`;
