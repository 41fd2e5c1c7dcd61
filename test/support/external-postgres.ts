import { asAdmin, withDatabase } from './databases.ts';

/** The PostgreSQL beside which tests may make a database: DATABASE_URL's, or the machine's own. */
const candidates = [
  process.env['DATABASE_URL'],
  'postgresql://postgres:postgres@127.0.0.1:5432/postgres',
].filter((url) => url !== undefined);

/** A superuser's URL of a PostgreSQL that is not ours; undefined when none answers. */
export async function findExternalPostgres(): Promise<string | undefined> {
  for (const url of candidates) {
    const answers = await asAdmin(url, 'select 1').then(
      () => true,
      () => false,
    );
    if (answers) return url;
  }
  return undefined;
}

/** An empty database of one's own on it; `drop` removes it and the login that a server made for it. */
export async function makeDatabase(postgresUrl: string) {
  const name = `stageline_chaos_${process.pid}_${Date.now().toString(36)}`;
  await asAdmin(postgresUrl, `create database ${name}`);
  return {
    url: withDatabase(postgresUrl, name),
    async drop() {
      await asAdmin(postgresUrl, `drop database if exists ${name} with (force)`);
      await asAdmin(postgresUrl, `drop role if exists stageline_${name}`);
    },
  };
}
