import type { Sql } from './database.ts';

/**
 * For statements about everybody in a workspace. Right after an import the database has no idea how much there is,
 * takes it for next to nothing and looks up row by row, which can take minutes where a hash join takes a second.
 */
export async function overEverybody<T>(sql: Sql, work: () => Promise<T>): Promise<T> {
  await sql.query("select set_config('enable_nestloop', 'off', true)");
  const result = await work();
  await sql.query("select set_config('enable_nestloop', 'on', true)");
  return result;
}
