import { afterEach, expect, it } from 'vitest';
import { audit } from '../support/audit.ts';
import {
  cleanUp,
  createFolder,
  isProcessAlive,
  postmasterOf,
  waitUntil,
} from '../support/embedded-owners.ts';
import { createLedger, type Ledger, write } from '../support/ledger.ts';
import { observe, statusOf } from '../support/observer.ts';
import { chosenSeed, createRandom } from '../support/random.ts';
import {
  embeddedUrl,
  endServers,
  killPostgres,
  processAdminKey,
  type ServerProcess,
  startServerProcess,
  whileAlive,
} from '../support/server-process.ts';

const crashes = 5;

afterEach(async () => {
  await endServers();
  await cleanUp();
}, 60_000);

it('keeps running when its PostgreSQL is killed, refuses requests meanwhile and loses nothing', async () => {
  const seed = chosenSeed();
  const folder = await createFolder();
  const server = await startServerProcess(folder);
  const ledger = createLedger();
  let done = false;
  const observer = observe(server.url);
  const written = load(server, { ledger, seed, isDone: () => done });

  async function crash() {
    const before = ledger.acknowledged.length;
    await waitUntil(() => ledger.acknowledged.length > before + 1_000, 30_000);
    const postmaster = await postmasterOf(folder);
    const refusals = observer.ready.filter((status) => status === 503).length;
    await killPostgres(folder);
    await waitUntil(() => !isProcessAlive(postmaster));
    await waitUntil(
      () => observer.ready.filter((status) => status === 503).length > refusals,
      30_000,
    );
    await waitUntil(async () => (await statusOf(`${server.url}/ready`)) === 200, 30_000);
  }
  for (let count = 0; count < crashes; count += 1) await whileAlive(server, crash());
  const after = ledger.acknowledged.length;
  await waitUntil(() => ledger.acknowledged.length > after + 1_000, 30_000);
  done = true;
  await written;
  await observer.stop();

  console.log(
    `${crashes} crashes of PostgreSQL, ${ledger.acknowledged.length} events, answers ` +
      `${JSON.stringify([...ledger.statuses])}, GraphQL ${[...observer.graphql].join(', ')}, seed ${seed}`,
  );
  expect(server.errors()).not.toMatch(/failed with an internal error/);
  expect(isProcessAlive(server.pid)).toBe(true);
  expect([...observer.health]).toEqual([200]);
  expect(new Set(observer.ready)).toEqual(new Set([200, 503]));
  expect(observer.graphql).toEqual(new Set(['ok', 'STORAGE_UNAVAILABLE']));
  expect(ledger.statuses.has(0)).toBe(false);
  await audit(await embeddedUrl(folder), ledger);
});

interface Load {
  ledger: Ledger;
  seed: number;
  isDone: () => boolean;
}

const load = (server: ServerProcess, { ledger, seed, isDone }: Load) =>
  Promise.all(
    ['a', 'b', 'c'].map((name, index) =>
      write(name, 500, {
        ledger,
        url: () => server.url,
        key: processAdminKey,
        random: createRandom(seed + index),
        maxBatch: 200,
        isDone,
        waitUntilAvailable: () =>
          waitUntil(async () => (await statusOf(`${server.url}/ready`)) === 200, 60_000),
      }),
    ),
  );
