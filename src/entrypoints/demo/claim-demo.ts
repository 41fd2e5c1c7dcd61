import type { Database } from '../../platform/database.ts';

/** Acquires the lock for running the demo; undefined if another server on this database has it. */
export async function claimDemo(
  database: Database,
): Promise<{ release(): Promise<void> } | undefined> {
  const client = database.listener();
  // If the connection is lost, the lock is too; then another server may run the demo after a restart.
  client.on('error', () => undefined);
  await client.connect();
  const { rows } = await client.query<{ isLocked: boolean }>(
    `select pg_try_advisory_lock(hashtextextended('stageline.demo', 0)) as "isLocked"`,
  );
  if (rows[0]?.isLocked) return { release: () => client.end() };
  await client.end();
  return undefined;
}
