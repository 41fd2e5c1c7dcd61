import { setTimeout as pause, setImmediate } from 'node:timers/promises';
import { afterEach, expect, it } from 'vitest';
import { cleanUp, createFolder, waitUntil } from '../support/embedded-owners.ts';
import { expectedPositions, type Selection } from '../support/expected-positions.ts';
import { liveFaultRuns, liveFaultSizes as sizes } from '../support/live-fault-sizes.ts';
import { type LiveTransport, overEventStream, overWebSocket } from '../support/live-transports.ts';
import { waitWhileGrowing } from '../support/progress.ts';
import { chosenSeed, createRandom, type SeededRandom } from '../support/random.ts';
import {
  createSubscriber,
  followLine,
  type ResumingLine,
  type ResumingSubscriber,
} from '../support/resuming-line.ts';
import {
  currentCursor,
  customerId,
  moveAtRandom,
  prepareMoves,
  segmentKey,
} from '../support/segment-movers.ts';
import {
  embeddedUrl,
  endServers,
  kill,
  killPostgres,
  processAdminKey,
  startServerProcess,
} from '../support/server-process.ts';
import { startStockServer, stockQuery } from '../support/stock-server.ts';

/**
 * STAGELINE_LIVE_FAULTS=full: 1,000 subscribers of 100 segments, 100,000 changes and 10 restarts (some 10 minutes).
 * It ends when nothing is written or delivered for a minute.
 * STAGELINE_LIVE_SEEDS=5: so many runs. STAGELINE_CHAOS_SEED: the first seed, to repeat a run.
 */
const firstSeed = chosenSeed();
const seeds = Array.from({ length: liveFaultRuns }, (_, index) => firstSeed + index);

const subscribersPerLine = 4;
const writers = 3;
/** A client cuts its connection within so many results. */
const maxResults = Math.ceil((sizes.changes / sizes.segments) * subscribersPerLine * 0.1);
/** A client that lost its connection returns within this time. */
const maxPauseMs = 100;

afterEach(async () => {
  await endServers();
  await cleanUp();
}, 60_000);

it.each(seeds)(
  'delivers every change once and in order despite cuts and killed servers (seed %i)',
  { timeout: 1_800_000 },
  async (seed) => {
    const random = createRandom(seed);
    const folder = await createFolder();
    let server = await startServerProcess(folder);
    await prepareMoves(server.url, sizes);
    const start = await currentCursor(server.url);
    const followers = await createFollowers(server.url, start);
    const lines = followInLines(
      followers.map(({ subscriber }) => subscriber),
      () => server.url,
      random,
    );
    const began = performance.now();
    const load = createLoad(() => server.url, random);
    for (let restart = 1; restart <= sizes.restarts; restart += 1) {
      await load.reach((sizes.changes * restart) / (sizes.restarts + 1));
      await pause(random.between(5, 500));
      if (restart % 2 === 0) await killPostgres(folder);
      await kill(server);
      server = await startServerProcess(folder);
    }
    await load.reach(sizes.changes);
    await load.end();
    const writtenMs = performance.now() - began;
    const positionsOf = await expectedPositions(await embeddedUrl(folder), positionOf(start));
    const checks = followers.map(({ subscriber, selection }) => ({
      subscriber,
      selection,
      expected: positionsOf(selection),
    }));
    const total = sum(checks.map(({ expected }) => expected.length));
    const received = () => sum(checks.map(({ subscriber }) => subscriber.seen.length));
    const stall = await waitWhileGrowing('Deliveries', { count: received, target: total }).catch(
      ({ message }) => message,
    );
    const deliveredMs = performance.now() - began;
    if (stall) console.log(`${stall}. Refused: ${JSON.stringify(countRefusals(lines))}`);
    const cuts = sum(lines.map((line) => line.connections() - 1));
    await Promise.all(lines.map((line) => line.stop()));
    const lost = await countLossOfStockServer(random, writtenMs);

    console.log(
      `${followers.length} subscribers, ${positionOf(await currentCursor(server.url)) - positionOf(start)} changes, ` +
        `${sizes.restarts} restarts, ${cuts} resumptions, ${received()} of ${total} deliveries, ` +
        `${sum(checks.map(({ subscriber }) => subscriber.repeated))} repeated before de-duplication, ` +
        `written in ${seconds(writtenMs)} s, delivered in ${seconds(deliveredMs)} s. Stock server: ${lost.lost} of ${lost.expected} lost. Seed ${seed}`,
    );
    expect(checks.flatMap(faultsOf)).toEqual([]);
    expect(total).toBeGreaterThan(sizes.changes);
    expect(cuts).toBeGreaterThan(sizes.subscribers);
    expect(lost.lost).toBeGreaterThan(0);
  },
);

const documents: Record<Selection['field'], string> = {
  changes: `subscription ($segment: String!, $after: Cursor) {
    changes(segment: $segment, after: $after) { __typename ... on Change { cursor } } }`,
  segmentChanged: `subscription ($segment: String!, $after: Cursor) {
    segmentChanged(segment: $segment, after: $after) { __typename } }`,
  stageChanged: `subscription ($customer: ID!, $after: Cursor) {
    stageChanged(customer: $customer, after: $after) { ... on StageChanged { toKey customer { userId } } } }`,
};

const fields = ['changes', 'segmentChanged', 'stageChanged'] as const;

/** Each of one segment or customer; every segment is followed by fields of both kinds. */
async function createFollowers(url: string, start: string) {
  const followers: Array<{ selection: Selection; subscriber: ResumingSubscriber }> = [];
  for (let index = 0; index < sizes.subscribers; index += 1) {
    const field = fields[Math.floor(index / sizes.segments) % fields.length] ?? 'changes';
    const selection: Selection =
      field === 'stageChanged'
        ? { field, customer: await customerId(url, index % sizes.customers) }
        : { field, segment: segmentKey(index % sizes.segments) };
    const { field: _, ...variables } = selection;
    const subscriber = createSubscriber(documents[field], start, variables);
    followers.push({ selection, subscriber });
  }
  return followers;
}

/** Every fourth line is of event streams. */
function followInLines(
  subscribers: readonly ResumingSubscriber[],
  url: () => string,
  random: SeededRandom,
) {
  const follow = (some: readonly ResumingSubscriber[], transport: LiveTransport) =>
    followLine(some, {
      transport,
      address: () => ({ url: url(), key: processAdminKey }),
      cutWithin: { results: maxResults, random },
      maxPauseMs,
    });
  return chunk(subscribers, subscribersPerLine).flatMap((some, index) =>
    index % 4 === 3
      ? some.map((one) => follow([one], overEventStream))
      : [follow(some, overWebSocket)],
  );
}

/** Writers that move customers until the load ends. */
function createLoad(url: () => string, random: SeededRandom) {
  let changes = 0;
  let isDone = false;
  const running = Array.from({ length: writers }, () =>
    moveAtRandom({
      ...sizes,
      url,
      random,
      maxBatch: 60,
      isDone: () => isDone,
      onAcknowledged(calls) {
        // A call leaves a segment and enters another; every second one also moves between stages.
        changes += 2 * calls;
      },
    }),
  );
  return {
    /** Resolves when about so many changes have been acknowledged. */
    reach: (target: number) => waitWhileGrowing('Changes', { count: () => changes, target }),
    async end() {
      isDone = true;
      await Promise.all(running);
    },
  };
}

interface Check {
  subscriber: ResumingSubscriber;
  selection: Selection;
  expected: readonly number[];
}

/** A subscriber and what it lacks, received without being due, or received in an odd form or order. */
function faultsOf({ subscriber: { seen, odd }, selection, expected }: Check) {
  const missing = [...new Set(expected).difference(new Set(seen))];
  const unexpected = [...new Set(seen).difference(new Set(expected))];
  if (missing.length + unexpected.length + odd.length === 0) return [];
  const first = (items: readonly unknown[]) => ({ count: items.length, first: items.slice(0, 5) });
  return [{ selection, missing: first(missing), unexpected: first(unexpected), odd: first(odd) }];
}

function countRefusals(lines: readonly ResumingLine[]) {
  const counts: Record<string, number> = {};
  for (const [reason, count] of lines.flatMap(({ refusals }) => [...refusals])) {
    counts[reason] = (counts[reason] ?? 0) + count;
  }
  return counts;
}

/** The same clients, cuts and number of restarts with a server that keeps nothing. */
async function countLossOfStockServer(random: SeededRandom, durationMs: number) {
  const stock = await startStockServer();
  const subscribers = Array.from({ length: sizes.subscribers }, (_, index) =>
    createSubscriber(stockQuery, 'stock.0', { segment: index % sizes.segments }),
  );
  const lines = chunk(subscribers, subscribersPerLine).map((some) =>
    followLine(some, {
      transport: overWebSocket,
      address: () => ({ url: stock.url(), key: '' }),
      cutWithin: { results: maxResults, random },
      maxPauseMs,
    }),
  );
  await waitUntil(() => stock.subscriptions() === subscribers.length);
  const perTick = Math.ceil(sizes.changes / Math.min(durationMs, 10_000));
  const restartEvery = Math.ceil(sizes.changes / (sizes.restarts + 1));
  for (let position = 1; position <= sizes.changes; position += 1) {
    stock.publish(position % sizes.segments, position);
    if (position % restartEvery === 0) await stock.restart();
    if (position % perTick === 0) await pause(1);
  }
  await setImmediate();
  await Promise.all(lines.map((line) => line.stop()));
  await stock.close();
  const expected = (sizes.changes / sizes.segments) * sizes.subscribers;
  return { expected, lost: expected - sum(subscribers.map(({ seen }) => seen.length)) };
}

const chunk = <T>(items: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );

const positionOf = (cursor: string) => Number(cursor.split('.')[1]);
const sum = (numbers: number[]) => numbers.reduce((total, one) => total + one, 0);
const seconds = (milliseconds: number) => (milliseconds / 1_000).toFixed(1);
