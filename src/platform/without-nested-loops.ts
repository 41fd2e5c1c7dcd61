import type { Transaction } from './database.ts';
import { sql } from './sql.ts';

/**
 * Runs statements over all customers of a workspace without nested loops. Right after an import the planner statistics
 * are outdated: nested loops then take minutes where a hash join takes a second.
 */
export async function withoutNestedLoops<T>(db: Transaction, work: () => Promise<T>): Promise<T> {
  await db.query(sql`select set_config('enable_nestloop', 'off', true)`);
  const result = await work();
  await db.query(sql`select set_config('enable_nestloop', 'on', true)`);
  return result;
}
