import pg from 'pg';

/** Creates a database for the benchmarks on an existing PostgreSQL; `drop` removes it and its login. */
export async function createOwnDatabase(url: string) {
  const name = `stageline_bench_${process.pid}_${Date.now().toString(36)}`;
  await run(url, [`create database ${name}`]);
  const own = new URL(url);
  own.pathname = `/${name}`;
  return {
    url: own.href,
    async drop() {
      await run(url, [`drop database if exists ${name} with (force)`]);
      // The login that a server creates when its URL is a superuser's; other roles may not drop roles.
      await run(url, [`drop role if exists ${`stageline_${name}`.slice(0, 63)}`]).catch(() => {});
    },
  };
}

async function run(url: string, statements: string[]) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}

/** Runs statements as superuser, for data that would take too long to send as events. */
export const asSuperuser = run;
