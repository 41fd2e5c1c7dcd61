import type { Transaction } from '../../platform/database.ts';
import { rawSql, type Sql, sql } from '../../platform/sql.ts';

/** So many customers that one statement about them stays far from the time a statement may take. */
const defaultSize = 50_000;

/** A condition on a column with customers' ids. */
export type Range = (column: Sql) => Sql;

/** Does `work` range by range until all customers were in one. */
export async function eachRange(
  db: Transaction,
  work: (range: Range) => Promise<void>,
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
  (after: string | undefined, upTo: string | undefined): Range =>
  (column) => {
    const above = after === undefined ? sql`true` : sql`${column} > ${after}::uuid`;
    const below = upTo === undefined ? sql`true` : sql`${column} <= ${upTo}::uuid`;
    return sql`(${above} and ${below})`;
  };
