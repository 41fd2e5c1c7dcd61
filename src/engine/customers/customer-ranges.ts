import type { Transaction } from '../../platform/database.ts';
import { rawSql, type Sql, sql } from '../../platform/sql.ts';

/** Small enough that one statement for a range stays far below the statement timeout. */
const defaultSize = 50_000;

/** A condition on a column of customer ids. */
export type CustomerRange = (column: Sql) => Sql;

/** Runs `work` for consecutive ranges that cover all customers. */
export async function forEachRange(
  db: Transaction,
  work: (range: CustomerRange) => Promise<void>,
  size = defaultSize,
): Promise<void> {
  let after: string | undefined;
  for (;;) {
    const { rows } = await db.query<{ id: string }>(sql`
      select id from customer
        where workspace_id = ${db.workspaceId} and ${between(after, undefined)(rawSql('id'))}
      order by id offset ${size - 1} limit 1`);
    const upTo = rows[0]?.id;
    await work(between(after, upTo));
    if (upTo === undefined) return;
    after = upTo;
  }
}

const between =
  (after: string | undefined, upTo: string | undefined): CustomerRange =>
  (column) => {
    const above = after === undefined ? sql`true` : sql`${column} > ${after}::uuid`;
    const below = upTo === undefined ? sql`true` : sql`${column} <= ${upTo}::uuid`;
    return sql`(${above} and ${below})`;
  };
