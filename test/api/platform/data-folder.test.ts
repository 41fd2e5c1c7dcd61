import { execFileSync } from 'node:child_process';
import { chmod, mkdir, readdir, rename, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { cleanUp, createFolder, end, query, startOwner } from '../../support/embedded-owners.ts';

const testOptions = { timeout: 60_000 };

let intact: string;
beforeAll(async () => {
  intact = await createFolder();
  const owner = await startOwner(intact);
  await query(owner.url, 'create table kept as select 42 as answer');
  await end(owner.process, 'SIGTERM');
}, 60_000);
afterAll(cleanUp, 30_000);

/** A copy of the data folder of a stopped server, with owners, permissions and times. */
async function copyIntact(): Promise<string> {
  const copy = join(await createFolder(), 'data');
  execFileSync('cp', ['-a', intact, copy]);
  return copy;
}

/** Everything in a folder that a write would change. */
async function listFiles(folder: string): Promise<string[]> {
  const names = await readdir(folder, { recursive: true });
  const entries = names.map(async (name) => {
    const { size, mode, mtimeMs } = await stat(join(folder, name));
    return `${name} ${size} ${mode} ${mtimeMs}`;
  });
  return (await Promise.all(entries)).sort();
}

type Damage = (at: (name: string) => string) => Promise<unknown>;

const remove =
  (...names: string[]): Damage =>
  async (at) => {
    for (const name of names) await rm(at(name), { recursive: true });
  };
const write =
  (name: string, text: string): Damage =>
  (at) =>
    writeFile(at(name), text);

const incomplete = 'DATA_DIR_INCOMPLETE';
const damaged = 'DATA_DIR_DAMAGED';
const foreign = 'DATA_DIR_FOREIGN';

// The damage, the code, the file or folder named in the message, and the rest of the message.
it.each<[string, Damage, string, string, string]>([
  ['postgres/ removed', remove('postgres'), incomplete, 'postgres', 'is missing'],
  [
    'everything except the password removed',
    remove('postgres', 'postgres.log', 'server.lock', 'server.pid'),
    incomplete,
    'postgres',
    'although',
  ],
  [
    'everything except the log removed',
    remove('postgres', 'postgres-password', 'server.lock', 'server.pid'),
    incomplete,
    'postgres',
    'postgres.log exists',
  ],
  [
    'postgres/ emptied',
    async (at) => {
      for (const name of await readdir(at('postgres'))) {
        await rm(join(at('postgres'), name), { recursive: true });
      }
    },
    incomplete,
    'postgres',
    'is missing',
  ],
  ['the password removed', remove('postgres-password'), incomplete, 'postgres-password', 'missing'],
  ['the password emptied', write('postgres-password', ''), incomplete, 'postgres-password', ''],
  ['pg_control removed', remove('postgres/global/pg_control'), incomplete, 'pg_control', ''],
  [
    'pg_control truncated',
    (at) => truncate(at('postgres/global/pg_control'), 100),
    damaged,
    'postgres/global/pg_control',
    'has 100 bytes instead of 8192',
  ],
  ['global/ removed', remove('postgres/global'), incomplete, 'postgres/global', 'is missing'],
  ['base/ removed', remove('postgres/base'), incomplete, 'postgres/base', 'is missing'],
  ['pg_wal/ removed', remove('postgres/pg_wal'), incomplete, 'postgres/pg_wal', 'is missing'],
  ['an empty folder missing', remove('postgres/pg_notify'), incomplete, 'pg_notify', 'is missing'],
  [
    'the transaction log emptied',
    remove('postgres/pg_xact/0000'),
    incomplete,
    'every file of',
    'pg_xact',
  ],
  ['postgresql.conf removed', remove('postgres/postgresql.conf'), incomplete, 'l.conf', 'missing'],
  ['pg_hba.conf removed', remove('postgres/pg_hba.conf'), incomplete, 'pg_hba.conf', 'missing'],
  ['pg_hba.conf emptied', write('postgres/pg_hba.conf', ''), damaged, 'pg_hba.conf', 'is empty'],
  ['PG_VERSION removed', remove('postgres/PG_VERSION'), incomplete, 'PG_VERSION', 'is missing'],
  [
    'PG_VERSION of another major version',
    write('postgres/PG_VERSION', '16\n'),
    'DATA_DIR_OTHER_VERSION',
    'postgres',
    'PostgreSQL 16',
  ],
  [
    'the marker file removed',
    remove('postgres/stageline-cluster'),
    foreign,
    'stageline-cluster',
    '',
  ],
  [
    'postgres/ accessible to all users',
    (at) => chmod(at('postgres'), 0o755),
    damaged,
    'postgres',
    'chmod 700',
  ],
  [
    'a folder without permissions for its owner',
    (at) => chmod(at('postgres/base'), 0),
    damaged,
    'postgres/base',
    'chmod u+rwx',
  ],
  [
    'a file instead of postgres/',
    async (at) => {
      await rename(at('postgres'), at('moved'));
      await writeFile(at('postgres'), '');
    },
    damaged,
    'postgres',
    'is not a folder',
  ],
  [
    'a folder instead of the password file',
    async (at) => {
      await rm(at('postgres-password'));
      await mkdir(at('postgres-password'));
    },
    damaged,
    'postgres-password',
    'is a folder instead of a file',
  ],
  [
    'a location that does not exist',
    write('postgres-location', '/nowhere/postgres\n'),
    incomplete,
    '/nowhere/postgres',
    'is missing',
  ],
  [
    'server.lock overwritten',
    write('server.lock', 'x'.repeat(9_000)),
    damaged,
    'server.lock',
    'remove the file',
  ],
])(
  'refuses a data folder with %s, and changes nothing',
  testOptions,
  async (_name, damage, code, part, text) => {
    const folder = await copyIntact();
    await damage((name) => join(folder, name));
    const before = await listFiles(folder);

    const owner = await startOwner(folder);

    expect(owner).toMatchObject({ code });
    expect(owner.message).toContain(part);
    expect(owner.message).toContain(text);
    expect(await listFiles(folder)).toEqual(before);
  },
);

it.each<[string, Damage, string]>([
  [
    'pg_control with another content',
    (at) => writeFile(at('postgres/global/pg_control'), Buffer.alloc(8_192, 1)),
    'incompatible with server',
  ],
  [
    'another write-ahead log',
    async (at) => {
      for (const name of await readdir(at('postgres/pg_wal'))) {
        if (name.length === 24) await truncate(join(at('postgres/pg_wal'), name), 0);
      }
    },
    'checkpoint',
  ],
  [
    'a faulty postgresql.conf',
    write('postgres/postgresql.conf', 'nonsense === 1\n'),
    'configuration file',
  ],
  ['pg_hba.conf without entries', write('postgres/pg_hba.conf', '# none\n'), 'pg_hba.conf'],
  ['a wrong password', write('postgres-password', 'another'), 'postgres-password'],
])(
  'reports why PostgreSQL refuses a data folder with %s',
  testOptions,
  async (_name, damage, text) => {
    const folder = await copyIntact();
    await damage((name) => join(folder, name));

    const owner = await startOwner(folder);

    expect(owner).toMatchObject({ code: damaged });
    expect(owner.message).toContain(text);
    expect(owner.message).toContain('backup');
  },
);

it('refuses a data folder without the stageline database', testOptions, async () => {
  const folder = await copyIntact();
  const databases = join(folder, 'postgres/base');
  const own = (await readdir(databases)).find((name) => Number(name) > 16_000) ?? '';
  await rm(join(databases, own), { recursive: true });

  const owner = await startOwner(folder);

  expect(owner).toMatchObject({ code: damaged });
  expect(owner.message).toContain(`base/${own}`);
});

it('refuses a data folder that is a file', testOptions, async () => {
  const file = join(await createFolder(), 'file');
  await writeFile(file, 'mine');

  expect(await startOwner(file)).toMatchObject({ code: foreign });
  expect(await startOwner(join(file, 'below'))).toMatchObject({ code: foreign });
});

it(
  'starts on a copy, and on a copy whose first start was interrupted after the database was complete',
  testOptions,
  async () => {
    const folder = await copyIntact();
    await rename(join(folder, 'postgres-password'), join(folder, 'postgres-password.initdb'));
    await rm(join(folder, 'postgres.log'));

    const { url } = await startOwner(folder);

    expect(await query(url, 'select answer from kept')).toEqual([42]);
  },
);

it('starts on a copy with damaged files that contain no data', testOptions, async () => {
  const folder = await copyIntact();
  for (const name of ['postgres.json', 'server.json', 'server.pid']) {
    await writeFile(join(folder, name), '{');
  }

  const { url } = await startOwner(folder);

  expect(await query(url, 'select answer from kept')).toEqual([42]);
});
