import pg from 'pg';

// Exits with 0 when a PostgreSQL answers on the usual port and lets us make databases.
const client = new pg.Client({
  connectionString: 'postgresql://postgres@127.0.0.1:5432/postgres',
  connectionTimeoutMillis: 2_000,
});
try {
  await client.connect();
  const { rows } = await client.query<{ may: boolean }>(
    'select rolsuper as may from pg_roles where rolname = current_user',
  );
  process.exitCode = rows[0]?.may ? 0 : 1;
} catch {
  process.exitCode = 1;
} finally {
  await client.end().catch(() => undefined);
}
