import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { audit, stageChangePositions } from '../support/audit.ts';
import { cleanUp, createFolder, isProcessAlive, waitUntil } from '../support/embedded-owners.ts';
import { createExternalDatabase, findExternalPostgres } from '../support/external-postgres.ts';
import { createLedger, type Ledger, post, write } from '../support/ledger.ts';
import {
  type LiveTransport,
  overEventStream,
  overSingleConnection,
  overWebSocket,
} from '../support/live-transports.ts';
import { blockTable } from '../support/lock-ingestion.ts';
import { observe, statusOf } from '../support/observer.ts';
import { chosenSeed, createRandom } from '../support/random.ts';
import { createSubscriber, followLine, type ResumingLine } from '../support/resuming-line.ts';
import { currentCursor } from '../support/segment-movers.ts';
import {
  endServers,
  processAdminKey,
  type ServerProcess,
  startServerProcess,
  whileAlive,
} from '../support/server-process.ts';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts';

const postgres = await findExternalPostgres();
if (!postgres) {
  console.log(
    'Skipped: a broken network to the database. It needs a PostgreSQL in DATABASE_URL or on 127.0.0.1:5432.',
  );
}

let database: Awaited<ReturnType<typeof createExternalDatabase>>;
let proxy: TcpProxy;

beforeEach(async () => {
  if (!postgres) return;
  database = await createExternalDatabase(postgres);
  const { hostname, port } = new URL(postgres);
  proxy = await startTcpProxy({ host: hostname, port: Number(port || 5432) });
});

afterEach(async () => {
  await endServers();
  await cleanUp();
  if (!postgres) return;
  await proxy.close();
  await database.drop();
}, 60_000);

const faults: Array<[string, (proxy: TcpProxy) => unknown]> = [
  ['is cut off from its database', (broken) => broken.refuse()],
  // Otherwise a server that waits forever would pass.
  ['gets no answer from its database', (broken) => broken.freeze()],
];

it.skipIf(!postgres).for(faults)(
  'refuses requests for 20 s while it %s, recovers by itself, loses nothing and keeps its subscribers',
  async ([, fault]) => {
    const seed = chosenSeed();
    const server = await startServerProcess(await createFolder(), {
      DATABASE_URL: wrapDatabase(proxy),
    });
    const ledger = createLedger();
    let done = false;
    const observer = observe(server.url);
    const subscribers = await followMoves(server);
    const written = load(server, { ledger, seed, isDone: () => done });

    await whileAlive(server, waitForAcknowledged(ledger, 1_000));
    await fault(proxy);
    const outage = pause(outageMs);
    await whileAlive(
      server,
      waitUntil(() => refusals(ledger) > 3, 60_000),
    );
    await whileAlive(
      server,
      waitUntil(() => observer.ready.includes(503), 60_000),
    );
    await whileAlive(
      server,
      waitUntil(() => observer.graphql.has('STORAGE_UNAVAILABLE'), 60_000),
    );
    await whileAlive(server, outage);
    await proxy.heal();
    await whileAlive(server, waitForAcknowledged(ledger, 1_000));
    await whileAlive(
      server,
      waitUntil(() => isReady(server), 30_000),
    );
    done = true;
    await written;
    await observer.stop();
    const moves = await stageChangePositions(database.url);
    await Promise.all(subscribers.map((one) => whileAlive(server, one.untilLength(moves.length))));

    console.log(
      `${moves.length} changes for ${subscribers.length} subscribers, ` +
        `${ledger.acknowledged.length} events, answers ${JSON.stringify([...ledger.statuses])}, ` +
        `slowest answer ${Math.round(observer.slowestMs())} ms, seed ${seed}`,
    );
    expect(server.errors()).not.toMatch(/failed with an internal error/);
    expect(isProcessAlive(server.pid)).toBe(true);
    expect([...observer.health]).toEqual([200]);
    expect(new Set(observer.ready)).toEqual(new Set([200, 503]));
    expect(observer.graphql).toEqual(new Set(['ok', 'STORAGE_UNAVAILABLE']));
    expect(ledger.statuses.has(0)).toBe(false);
    await audit(database.url, ledger);
    for (const { line, subscriber } of subscribers) {
      expect(subscriber).toMatchObject({ seen: moves, repeated: 0, odd: [] });
      expect(line.connections()).toBe(1);
      await line.stop();
    }
  },
);

it.skipIf(!postgres)('loses nothing when its connections are closed repeatedly', async () => {
  const seed = chosenSeed();
  const server = await startServerProcess(await createFolder(), {
    DATABASE_URL: wrapDatabase(proxy),
  });
  const ledger = createLedger();
  let done = false;
  const observer = observe(server.url);
  const written = load(server, { ledger, seed, isDone: () => done });

  for (let count = 0; count < 40; count += 1) {
    await whileAlive(server, waitForAcknowledged(ledger, 100));
    proxy.cut();
  }
  await whileAlive(server, waitForAcknowledged(ledger, 100));
  done = true;
  await written;
  await observer.stop();

  expect(server.errors()).not.toMatch(/failed with an internal error/);
  expect(await isReady(server)).toBe(true);
  expect([...observer.health]).toEqual([200]);
  // A disconnect between two reads causes no refusal.
  expect(new Set(['ok', 'STORAGE_UNAVAILABLE']).isSupersetOf(observer.graphql)).toBe(true);
  expect(ledger.statuses.has(0)).toBe(false);
  await audit(database.url, ledger);
});

it.skipIf(!postgres)(
  'reports an unavailable database, not a slow query, when the database stops responding',
  async () => {
    const server = await startServerProcess(await createFolder(), {
      DATABASE_URL: wrapDatabase(proxy),
    });
    const ask = async () => {
      const { status, body } = await post(`${server.url}/graphql`, processAdminKey, { query });
      return `${status} ${(body as Coded).errors?.[0]?.extensions.code}`;
    };
    const before = await ask();
    const held = await blockTable({ databaseUrl: database.url }, 'workspace');
    const answer = ask();
    await held.waitUntilBlocked();
    proxy.freeze();
    const after = await answer;
    await held.release();

    expect(before).toBe('200 undefined');
    expect(after).toBe('503 STORAGE_UNAVAILABLE');
  },
);

const outageMs = 20_000;

const watchMoves = `subscription ($after: Cursor) {
  stageChanged(after: $after) { ... on StageChanged { toKey customer { userId } } } }`;

/** A subscriber over each transport. */
async function followMoves({ url }: ServerProcess) {
  const start = await currentCursor(url);
  const transports: LiveTransport[] = [overWebSocket, overEventStream, overSingleConnection];
  return transports.map((transport) => {
    const subscriber = createSubscriber(watchMoves, start);
    const address = () => ({ url, key: processAdminKey });
    const line: ResumingLine = followLine([subscriber], { transport, address, maxPauseMs: 50 });
    const untilLength = (length: number) => line.until(() => subscriber.seen.length >= length);
    return { subscriber, line, untilLength };
  });
}

const query = '{ workspace { name } }';

interface Coded {
  errors?: Array<{ extensions: { code: string } }>;
}

function wrapDatabase({ port }: TcpProxy): string {
  const url = new URL(database.url);
  url.host = `127.0.0.1:${port}`;
  return url.href;
}

const isReady = async ({ url }: ServerProcess) => (await statusOf(`${url}/ready`)) === 200;

const refusals = ({ statuses }: Ledger) => statuses.get(503) ?? 0;

async function waitForAcknowledged(ledger: Ledger, more: number) {
  const before = ledger.acknowledged.length;
  await waitUntil(() => ledger.acknowledged.length > before + more, 60_000);
}

interface Load {
  ledger: Ledger;
  seed: number;
  isDone: () => boolean;
}

/** Three senders that wait as long as a refusal requests. */
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
        waitUntilAvailable: () => pause(100),
      }),
    ),
  );
