import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import {
  cleanUp,
  createFolder,
  isProcessAlive,
  query,
  waitUntil,
} from '../support/embedded-owners.ts';
import { endNpmScripts, runNpm } from '../support/npm-script.ts';
import { embeddedUrl, endServers, startServerProcess } from '../support/server-process.ts';

const testOptions = { timeout: 120_000 };
const lines = 20_000;

let folder: string;
let url: string;
beforeAll(async () => {
  folder = await createFolder();
  await startServerProcess(folder);
  url = await embeddedUrl(folder);
}, 60_000);
afterEach(endNpmScripts);
afterAll(async () => {
  await endServers();
  await cleanUp();
}, 60_000);

/** Orders of one year, which identifies their events; importing them takes seconds. */
async function writeOrders(year: number): Promise<string> {
  const file = join(folder, `${year}.csv`);
  const rows = Array.from(
    { length: lines },
    (_, i) => `c${i % 5_000},${year}-01-0${1 + (i % 9)},9.90`,
  );
  await writeFile(file, ['customer,date,amount', ...rows].join('\n'));
  return file;
}

const importing = (file: string) =>
  runNpm(
    [
      'run',
      'stageline',
      '--',
      'import',
      'orders',
      file,
      '--map',
      'customer=customer,date=date,amount=amount',
    ],
    { STAGELINE_DATA: folder },
  );

/** The key of the latest import: its remaining validity in seconds, and whether it is revoked. */
async function lastKey() {
  const [remaining, revoked] = await query(
    url,
    `select extract(epoch from expires_at - now())::float8, revoked_at is not null
     from api_key where name = 'Import' order by created_at desc limit 1`,
  );
  return { remaining: Number(remaining), revoked };
}

async function countEvents(year: number): Promise<number> {
  const counted = `select count(*) from event where date_trunc('year', occurred_at) = '${year}-01-01'`;
  return Number((await query(url, counted))[0]);
}

/** Starts an import and waits until its first events are stored. */
async function importUntilUnderWay(year: number) {
  const script = importing(await writeOrders(year));
  await waitUntil(async () => (await countEvents(year)) > 0, 60_000);
  return script;
}

it.each<[string, number, (npm: number) => void, number]>([
  ['SIGINT to npm', 2001, (npm) => process.kill(npm, 'SIGINT'), 130],
  ['Ctrl-C, a SIGINT to every process', 2002, (npm) => process.kill(-npm, 'SIGINT'), 130],
  ['SIGTERM to npm', 2003, (npm) => process.kill(npm, 'SIGTERM'), 143],
])(
  'revokes the key of an import after %s and says how to resume',
  testOptions,
  async (_name, year, signal, code) => {
    const script = await importUntilUnderWay(year);
    const family = await script.processes();

    signal(script.npm);

    expect((await script.ended).code).toBe(code);
    expect(script.output()).toMatch(/Interrupted\. Run the same command again/);
    expect(await lastKey()).toMatchObject({ revoked: true });
    expect(family.some(isProcessAlive)).toBe(false);
  },
);

it('resumes an interrupted import and counts nothing twice', testOptions, async () => {
  const first = await importUntilUnderWay(2004);
  process.kill(first.npm, 'SIGINT');
  await first.ended;

  const second = importing(join(folder, '2004.csv'));

  expect((await second.ended).code).toBe(0);
  expect(await countEvents(2004)).toBe(lines);
  expect(await lastKey()).toMatchObject({ revoked: true });
});

it(
  'leaves a key that expires within ten minutes when an import is killed',
  testOptions,
  async () => {
    const script = await importUntilUnderWay(2005);

    process.kill(-script.npm, 'SIGKILL');
    await script.ended;

    const { remaining, revoked } = await lastKey();
    expect(revoked).toBe(false);
    expect(remaining).toBeGreaterThan(0);
    expect(remaining).toBeLessThanOrEqual(600);
  },
);
