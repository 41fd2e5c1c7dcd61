import pg from 'pg';

/** A database for the benchmarks on somebody's PostgreSQL; `drop` leaves no trace of it. */
export async function createOwnDatabase(url: string) {
  const name = `stageline_bench_${process.pid}_${Date.now().toString(36)}`;
  await run(url, [`create database ${name}`]);
  const own = new URL(url);
  own.pathname = `/${name}`;
  return {
    url: own.href,
    drop: () =>
      run(url, [
        `drop database if exists ${name} with (force)`,
        // The login that a server makes for itself when its URL is a superuser's.
        `drop role if exists ${`stageline_${name}`.slice(0, 63)}`,
      ]),
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
