import type { Database } from '../../platform/database.ts';

/** Of several servers on one database one runs the demo; undefined means that another one does. */
export async function claimDemo(
  database: Database,
): Promise<{ release(): Promise<void> } | undefined> {
  const client = database.listener();
  // Should the connection be lost, the claim is, which only means that a restart elsewhere may take it.
  client.on('error', () => undefined);
  await client.connect();
  const { rows } = await client.query<{ won: boolean }>(
    "select pg_try_advisory_lock(hashtextextended('stageline.demo', 0)) as won",
  );
  if (rows[0]?.won) return { release: () => client.end() };
  await client.end();
  return undefined;
}
