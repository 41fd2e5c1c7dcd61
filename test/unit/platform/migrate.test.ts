import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type pg from 'pg';
import { expect, it } from 'vitest';
import { MigrationDrift, migrate } from '../../../src/platform/migrate.ts';

const folder = join(import.meta.dirname, '../../../prisma/migrations');
const migrations = readdirSync(folder, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => ({ name, sql: readFileSync(join(folder, name, 'migration.sql'), 'utf8') }))
  .sort((a, b) => (a.name < b.name ? -1 : 1));
const checksumOf = (sql: string) => createHash('sha256').update(sql).digest('hex');

/** A connection that only records queries; `applied` are the migrations in the database. */
function connectTo(applied: Array<{ name: string; checksum: string }>, failing = '') {
  const queries: string[] = [];
  const client = {
    query: async (text: string) => {
      queries.push(text.trim());
      if (failing !== '' && text === failing) throw new Error('No such type');
      return { rows: text.includes('select migration_name') ? applied : [] };
    },
  };
  return { queries, client: client as unknown as pg.Client };
}

const allApplied = migrations.map(({ name, sql }) => ({ name, checksum: checksumOf(sql) }));

it('applies missing migrations in order under the lock, each in its own transaction', async () => {
  const { queries, client } = connectTo([]);

  await migrate(client);

  expect(queries[0]).toContain('pg_advisory_lock');
  expect(queries.at(-1)).toContain('pg_advisory_unlock');
  for (const { sql } of migrations) {
    const at = queries.indexOf(sql.trim());
    expect(queries[at - 1]).toBe('begin');
    expect(queries[at + 1]).toContain('insert into _prisma_migrations');
    expect(queries[at + 2]).toBe('commit');
  }
});

it('does nothing when all migrations are applied', async () => {
  const { queries, client } = connectTo(allApplied);

  await migrate(client);

  expect(queries).not.toContain('begin');
});

it('refuses a database whose applied migration was edited, and changes nothing', async () => {
  const [first, ...others] = allApplied;
  const edited = { name: first?.name ?? '', checksum: checksumOf('something else') };
  const { queries, client } = connectTo([edited, ...others]);

  await expect(migrate(client)).rejects.toBeInstanceOf(MigrationDrift);

  expect(queries).not.toContain('begin');
  expect(queries.at(-1)).toContain('pg_advisory_unlock');
});

it('rolls back a failing migration and releases the lock', async () => {
  const { sql = '', name = '' } = migrations[0] ?? {};
  const { queries, client } = connectTo([], sql);

  await expect(migrate(client)).rejects.toThrow(`The migration ${name} failed`);

  expect(queries.slice(-2)).toEqual(['rollback', expect.stringContaining('pg_advisory_unlock')]);
});
