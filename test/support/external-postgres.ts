import { asAdmin, withDatabase } from './databases.ts';

/** PostgreSQL servers on which tests may create a database: DATABASE_URL's, or the machine's own. */
const candidates = [
  process.env['DATABASE_URL'],
  'postgresql://postgres:postgres@127.0.0.1:5432/postgres',
].filter((url) => url !== undefined);

/** The superuser's URL of an external PostgreSQL; undefined if none answers. */
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

/** Creates an empty database on it; `drop` removes it and the login that a server created for it. */
export async function createExternalDatabase(postgresUrl: string) {
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
