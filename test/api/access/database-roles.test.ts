import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { afterEach, describe, expect, inject, it } from 'vitest';
import { provisionWorkspace } from '../../../src/domains/lifecycles/provision-workspace.ts';
import { openDatabase } from '../../../src/platform/database.ts';
import { createLifetime } from '../../../src/platform/lifetime.ts';
import { MigrationDrift, migrate } from '../../../src/platform/migrate.ts';
import {
  assertOrdinaryLogin,
  checkVersion,
  prepareDatabase,
  UnusableDatabase,
} from '../../../src/platform/prepare-database.ts';
import { sql } from '../../../src/platform/sql.ts';
import { asAdmin, withDatabase } from '../../support/databases.ts';

let lifetime = createLifetime();
afterEach(async () => {
  await lifetime.end();
  lifetime = createLifetime();
});

const postgresUrl = inject('postgresUrl');

/** Creates a role with these attributes and an empty database that it owns. */
async function createOwner(attributes = '') {
  const name = `stl_test_${randomBytes(6).toString('hex')}`;
  await asAdmin(postgresUrl, `create role ${name} login password 'secret' ${attributes}`);
  lifetime.onEnd(() => asAdmin(postgresUrl, `drop role ${name}`));
  await asAdmin(postgresUrl, `create database ${name} owner ${name}`);
  lifetime.onEnd(async () => {
    await asAdmin(postgresUrl, `drop database ${name} with (force)`);
    await asAdmin(postgresUrl, `drop role if exists stageline_${name}`);
  });
  const superuserUrl = withDatabase(postgresUrl, name);
  const own = new URL(superuserUrl);
  own.username = name;
  own.password = 'secret';
  return { name, url: own.href, superuserUrl };
}

const appliedIn = async (url: string) =>
  (await asAdmin(url, 'select migration_name from _prisma_migrations order by 1')).rows;

/** The customers of two workspaces that are visible in a transaction of the first, without a filter. */
async function inspectTables(url: string) {
  const database = openDatabase(url, { poolSize: 2 });
  lifetime.onEnd(database.end);
  const [ownWorkspace, other] = [
    await provisionWorkspace(database, { name: 'Mine' }),
    await provisionWorkspace(database, { name: 'Other' }),
  ];
  const { rows } = await database.inWorkspace(ownWorkspace.id, (db) =>
    db.query<{ name: string }>(sql`select name from workspace`),
  );
  return { rows, mine: ownWorkspace, other, database };
}

describe('given a superuser', () => {
  it('creates an ordinary login and serves through it', async () => {
    const { superuserUrl, name } = await createOwner();

    const serving = await prepareDatabase(superuserUrl);

    expect(new URL(serving).username).toBe(`stageline_${name}`);
    await expect(assertOrdinaryLogin(serving)).resolves.toBeUndefined();
    expect((await inspectTables(serving)).rows).toEqual([{ name: 'Mine' }]);
  });

  it('uses the same login from all servers, even if they start concurrently', async () => {
    const { superuserUrl } = await createOwner();

    const urls = await Promise.all(Array.from({ length: 5 }, () => prepareDatabase(superuserUrl)));
    const later = await prepareDatabase(superuserUrl);

    expect(new Set([...urls, later]).size).toBe(1);
    await expect(assertOrdinaryLogin(later)).resolves.toBeUndefined();
  });

  it('revokes attributes of the login that bypass the policies', async () => {
    const { superuserUrl, name } = await createOwner();
    await prepareDatabase(superuserUrl);
    await asAdmin(postgresUrl, `alter role stageline_${name} superuser bypassrls`);

    const serving = await prepareDatabase(superuserUrl);

    await expect(assertOrdinaryLogin(serving)).resolves.toBeUndefined();
  });
});

describe('given an ordinary role that owns the database', () => {
  it('serves through that role, which the policies bind although it owns the tables', async () => {
    const { url } = await createOwner();

    const serving = await prepareDatabase(url);

    expect(serving).toBe(url);
    await expect(assertOrdinaryLogin(serving)).resolves.toBeUndefined();
    const { rows, database } = await inspectTables(serving);
    const unset = await database.withoutWorkspace(undefined, (db) =>
      db.query(sql`select from workspace`),
    );
    expect(rows).toEqual([{ name: 'Mine' }]);
    expect(unset.rowCount).toBe(0);
  });

  it('refuses rows of another workspace even for the owner', async () => {
    const { url } = await createOwner();
    const { mine: ownWorkspace, other, database } = await inspectTables(await prepareDatabase(url));

    const smuggle = database.inWorkspace(ownWorkspace.id, (db) =>
      db.query(sql`
        insert into change (workspace_id, position, kind, customer_id, at, recorded_at, data)
        values (${other.id}, 1, 'CUSTOMER_CREATED', ${other.id}, now(), now(), '{}')`),
    );

    await expect(smuggle).rejects.toMatchObject({ code: '42501' });
  });
});

describe('given a role above the policies', () => {
  it('refuses it with instructions and leaves the database unchanged', async () => {
    const { url, name, superuserUrl } = await createOwner('bypassrls');

    const refused = prepareDatabase(url);

    await expect(refused).rejects.toThrow(UnusableDatabase);
    await expect(refused).rejects.toThrow(`alter role "${name}" nosuperuser nobypassrls`);
    const tables = await asAdmin(superuserUrl, "select from pg_tables where schemaname = 'public'");
    expect(tables.rowCount).toBe(0);
  });

  it.each([
    ['bypasses row-level security', 'bypassrls'],
    ['is a superuser', 'superuser'],
  ])('does not serve with a role that %s', async (_what, attributes) => {
    const { url, name } = await createOwner(attributes);

    await expect(assertOrdinaryLogin(url)).rejects.toThrow(
      `The role "${name}" bypasses row-level security`,
    );
  });
});

describe('given a PostgreSQL', () => {
  it.each([
    [140_009, '14.9'],
    [90_624, '9.6.24'],
  ])('refuses version %i and names it', (version, versionName) => {
    expect(() => checkVersion({ version, versionName })).toThrow(
      `DATABASE_URL points to PostgreSQL ${versionName}; Stageline needs PostgreSQL 15 or newer.`,
    );
  });

  it.each([
    [150_000, '15.0'],
    [180_001, '18.1'],
  ])('accepts version %i', (version, versionName) => {
    expect(checkVersion({ version, versionName })).toBeUndefined();
  });
});

describe('migrations', () => {
  it('are applied once by concurrent and repeated starts', async () => {
    const { url } = await createOwner();

    await Promise.all(Array.from({ length: 5 }, () => prepareDatabase(url)));
    const once = await appliedIn(url);
    await prepareDatabase(url);

    expect(once.length).toBeGreaterThan(0);
    expect(new Set(once.map((row) => row.migration_name)).size).toBe(once.length);
    expect(await appliedIn(url)).toEqual(once);
  });

  it('keep existing data', async () => {
    const { url } = await createOwner();
    const { mine: ownWorkspace, database } = await inspectTables(await prepareDatabase(url));

    await prepareDatabase(url);

    const { rows } = await database.inWorkspace(ownWorkspace.id, (db) =>
      db.query(sql`select name from workspace`),
    );
    expect(rows).toEqual([{ name: 'Mine' }]);
  });

  it('are refused by name when an applied one was edited', async () => {
    const { url } = await createOwner();
    await prepareDatabase(url);
    const [first] = await appliedIn(url);
    await asAdmin(url, "update _prisma_migrations set checksum = 'of another text'");

    const refused = prepareDatabase(url);

    await expect(refused).rejects.toThrow(MigrationDrift);
    await expect(refused).rejects.toThrow(`The migration ${first.migration_name} was edited`);
  });

  it('release the lock for the next server when one is refused', async () => {
    const { url } = await createOwner();
    await prepareDatabase(url);
    await asAdmin(url, "update _prisma_migrations set checksum = 'of another text'");
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    lifetime.onEnd(() => client.end());

    await expect(migrate(client)).rejects.toThrow(MigrationDrift);

    const locks = await asAdmin(
      url,
      "select from pg_locks where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())",
    );
    expect(locks.rowCount).toBe(0);
  });
});
