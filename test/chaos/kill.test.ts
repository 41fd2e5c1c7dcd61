import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, expect, it } from 'vitest';
import { audit, stageChangePositions } from '../support/audit.ts';
import { cleanUp, createFolder, waitUntil } from '../support/embedded-owners.ts';
import { createLedger, post, type WriterOptions, write } from '../support/ledger.ts';
import { chosenSeed, createRandom } from '../support/random.ts';
import {
  embeddedUrl,
  endServers,
  kill,
  killPostgres,
  processAdminKey,
  type ServerProcess,
  startServerProcess,
} from '../support/server-process.ts';
import { followStages } from '../support/stage-follower.ts';

const kills = 20;
const events = 100_000;
const writers = 4;
const customersPerWriter = 1_500;

afterEach(async () => {
  await endServers();
  await cleanUp();
}, 60_000);

it(`loses nothing and applies nothing twice over ${kills} kills in ${events} events`, async () => {
  const seed = chosenSeed();
  const random = createRandom(seed);
  const folder = await createFolder();
  const began = performance.now();
  let server = await startServerProcess(folder);
  let back = Promise.withResolvers<void>();
  // Sent before the first kill, so that a lost response can be repeated immediately.
  back.resolve();
  let killed = 0;
  const starts: number[] = [];
  const ledger = createLedger();
  const writing: WriterOptions = {
    ledger,
    url: () => server.url,
    key: processAdminKey,
    random,
    maxBatch: 500,
    lostAnswers: 0.05,
    // Regardless of the machine's speed, every kill happens during an import.
    isDone: () => killed === kills && ledger.acknowledged.length >= events,
    waitUntilAvailable: () => back.promise,
  };
  const follower = followStages(() => server.url, await cursorOf(server), createRandom(seed + 1));

  const written = Promise.all(
    Array.from({ length: writers }, (_, index) => write(`w${index}`, customersPerWriter, writing)),
  );
  for (; killed < kills; killed += 1) {
    await Promise.race([progress(ledger), written]);
    await pause(random.between(5, 1_500));
    back = Promise.withResolvers();
    if (killed % 2 === 1) await killPostgres(folder);
    await kill(server);
    server = await startServerProcess(folder);
    starts.push(server.startMs);
    back.resolve();
  }
  await written;
  const url = await embeddedUrl(folder);
  const positions = await stageChangePositions(url);
  await waitUntil(() => follower.seen.length >= positions.length, 60_000);
  await follower.stop();

  console.log(
    `${killed} kills, ${ledger.acknowledged.length} events, ${positions.length} stage changes, ` +
      `${follower.reconnects()} reconnects, ${seconds(performance.now() - began)} s in all, slowest ` +
      `restart ${seconds(Math.max(...starts))} s, answers ${JSON.stringify([...ledger.statuses])}, seed ${seed}`,
  );
  expect(ledger.acknowledged.length).toBeGreaterThanOrEqual(events);
  await audit(url, ledger);
  expect(follower.odd).toEqual([]);
  expect(follower.seen).toEqual(positions);
  expect(follower.reconnects()).toBeGreaterThanOrEqual(kills);
});

const seconds = (milliseconds: number) => (milliseconds / 1_000).toFixed(1);

const progress = (ledger: { onAcknowledged: () => void }) =>
  new Promise<void>((resolve) => {
    ledger.onAcknowledged = resolve;
  });

async function cursorOf({ url }: ServerProcess): Promise<string> {
  const { body } = await post(`${url}/graphql`, processAdminKey, {
    query: '{ workspace { cursor } }',
  });
  return (body as { data: { workspace: { cursor: string } } }).data.workspace.cursor;
}
