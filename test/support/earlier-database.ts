import { randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import type { Lifetime } from '../../src/platform/lifetime.ts';
import { asAdmin, withDatabase } from './databases.ts';

const folder = join(import.meta.dirname, '../../prisma/migrations');
const sqlOf = (name: string) => readFile(join(folder, name, 'migration.sql'), 'utf8');

export interface EarlierDatabase {
  client: pg.Client;
  /** Applies the migration. */
  migrate(): Promise<unknown>;
}

/** A database with all migrations before this one, owned by a role that policies restrict. */
export async function openDatabaseBefore(
  migration: string,
  { postgresUrl, lifetime }: { postgresUrl: string; lifetime: Lifetime },
): Promise<EarlierDatabase> {
  const name = `stl_earlier_${randomBytes(6).toString('hex')}`;
  await asAdmin(postgresUrl, `create role ${name} login password 'secret'`);
  lifetime.onEnd(() => asAdmin(postgresUrl, `drop role ${name}`));
  await asAdmin(postgresUrl, `create database ${name} owner ${name}`);
  lifetime.onEnd(() => asAdmin(postgresUrl, `drop database ${name} with (force)`));
  const url = new URL(withDatabase(postgresUrl, name));
  url.username = name;
  url.password = 'secret';
  const client = new pg.Client({ connectionString: url.href });
  await client.connect();
  lifetime.onEnd(() => client.end());
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  for (const earlier of names.sort()) {
    if (earlier < migration) await client.query(await sqlOf(earlier));
  }
  return {
    client,
    migrate: async () => client.query(`begin; ${await sqlOf(migration)}; commit`),
  };
}
