import { createHash, randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import type pg from 'pg';

const folder = new URL('../../prisma/migrations/', import.meta.url);

/** An applied migration was edited afterwards, so the state of the database is unknown. */
export class MigrationDrift extends Error {
  readonly code = 'MIGRATION_DRIFT';
}

interface Migration {
  name: string;
  sql: string;
  checksum: string;
}

/**
 * Applies missing migrations, each in a transaction, and records them as Prisma does. An advisory lock serialises
 * servers that start at the same time.
 */
export async function migrate(client: pg.Client): Promise<void> {
  const migrations = await readMigrations();
  await client.query("select pg_advisory_lock(hashtextextended('stageline.migrate', 0))");
  try {
    await client.query(createRecord);
    const applied = await readApplied(client);
    for (const migration of migrations) await applyOnce(client, migration, applied);
  } finally {
    await client.query("select pg_advisory_unlock(hashtextextended('stageline.migrate', 0))");
  }
}

async function readMigrations(): Promise<Migration[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  return Promise.all(
    names.sort().map(async (name) => {
      const sql = await readFile(new URL(`${name}/migration.sql`, folder), 'utf8');
      return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') };
    }),
  );
}

async function readApplied(client: pg.Client): Promise<Map<string, string>> {
  const { rows } = await client.query<{ name: string; checksum: string }>(
    `select migration_name as name, checksum from _prisma_migrations
     where finished_at is not null and rolled_back_at is null`,
  );
  return new Map(rows.map(({ name, checksum }) => [name, checksum]));
}

async function applyOnce(
  client: pg.Client,
  { name, sql, checksum }: Migration,
  applied: Map<string, string>,
) {
  const known = applied.get(name);
  if (known === checksum) return;
  if (known) {
    throw new MigrationDrift(
      `The migration ${name} was edited after it was applied to this database.`,
    );
  }
  await client.query('begin');
  try {
    await client.query(sql);
    await client.query(
      `insert into _prisma_migrations
         (id, checksum, migration_name, started_at, finished_at, applied_steps_count)
       values ($1, $2, $3, now(), clock_timestamp(), 1)`,
      [randomUUID(), checksum, name],
    );
    await client.query('commit');
  } catch (error) {
    await client.query('rollback');
    throw new Error(`The migration ${name} failed and was rolled back`, { cause: error });
  }
}

/** Prisma's own table, so that its command line knows which migrations are applied. */
const createRecord = `
  create table if not exists _prisma_migrations (
    id varchar(36) primary key not null,
    checksum varchar(64) not null,
    finished_at timestamptz,
    migration_name varchar(255) not null,
    logs text,
    rolled_back_at timestamptz,
    started_at timestamptz not null default now(),
    applied_steps_count integer not null default 0
  )`;
