import pg from 'pg';

export function withDatabase(url: string, database: string): string {
  const other = new URL(url);
  other.pathname = `/${database}`;
  return other.href;
}

let made = 0;

/** Clones a database from the template; `drop` removes it and its login. */
export async function cloneDatabase(postgresUrl: string, template: string) {
  const name = `stageline_test_${process.pid}_${Date.now().toString(36)}_${made++}`;
  await asAdmin(postgresUrl, `create database ${name} template ${template}`);
  // No test of these databases ends PostgreSQL, so that no commit need wait for the disk.
  await asAdmin(postgresUrl, `alter database ${name} set synchronous_commit = off`);
  return {
    name,
    url: withDatabase(postgresUrl, name),
    async drop() {
      await asAdmin(postgresUrl, `drop database if exists ${name} with (force)`);
      await asAdmin(postgresUrl, `drop role if exists ${`stageline_${name}`.slice(0, 63)}`);
    },
  };
}

export async function asAdmin(url: string, sql: string) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await client.query(sql);
  } finally {
    await client.end();
  }
}
