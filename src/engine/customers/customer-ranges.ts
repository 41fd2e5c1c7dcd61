import { Prisma } from '../../../prisma/generated/client.ts';
import type { Sql } from '../../platform/database.ts';

/** So many customers that one statement about them stays far from the time a statement may take. */
const defaultSize = 50_000;

/** A condition on a column with customers' ids. */
export type Range = (column: Prisma.Sql) => Prisma.Sql;

/** Does `work` range by range until all customers were in one. */
export async function eachRange(
  sql: Sql,
  workspaceId: string,
  work: (range: Range) => Promise<void>,
  size = defaultSize,
): Promise<void> {
  let after: string | undefined;
  for (;;) {
    const { rows } = await sql.query<{ id: string }>(
      `select id from customer where workspace_id = $1 and ($2::uuid is null or id > $2)
       order by id offset $3 limit 1`,
      [workspaceId, after ?? null, size - 1],
    );
    const upTo = rows[0]?.id;
    await work(between(after, upTo));
    if (upTo === undefined) return;
    after = upTo;
  }
}

const between =
  (after: string | undefined, upTo: string | undefined): Range =>
  (column) => {
    const above = after === undefined ? Prisma.sql`true` : Prisma.sql`${column} > ${after}::uuid`;
    const below = upTo === undefined ? Prisma.sql`true` : Prisma.sql`${column} <= ${upTo}::uuid`;
    return Prisma.sql`(${above} and ${below})`;
  };
