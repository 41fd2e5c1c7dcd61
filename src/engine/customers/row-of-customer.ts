import type { Transaction } from '../../platform/database.ts';
import { rawSql, type Sql, sql } from '../../platform/sql.ts';

/**
 * Where a customer's row lies ("ctid"): found by the index, one by one. Joined by their ids instead, all
 * customers are read for each batch as long as the planner has no statistics. The customers have to be locked,
 * or the row may be another one by then.
 */
export const rowOfCustomer = ({ workspaceId }: Transaction, id: string): Sql => sql`
  (select ctid from customer where workspace_id = ${workspaceId} and id = ${rawSql(id)} offset 0)`;
