import { sql } from '../../src/platform/sql.ts';
import type { Bench } from '../support/bench.ts';
import { type Connection, withConnections } from '../support/connection.ts';
import type { Measurement } from '../support/report.ts';
import { type BenchServer, createBenchWorkspace } from '../support/server.ts';
import { type Latencies, latencyPercentile, meanLatency } from './latencies.ts';
import { openingPace, startLoad } from './load.ts';
import { keepPace } from './pace.ts';
import { sendBatch } from './send-events.ts';
import { settingsFor, socketsFor } from './socket-limit.ts';
import { endOfLog } from './subscribers.ts';
import { orderOf, signUpOf, stageChanges, visitOf } from './subscription.ts';

const usualSockets = 10_000;
/** Each customer changes stage once in so many seconds. */
const secondsPerChange = 10;
const batchSize = 500;

/** The events of one customer that move it to the next stage: once, then again, then to a fifth order. */
const moves: Array<(customer: string) => object[]> = [
  (customer) => [orderOf(customer, 'order-1')],
  (customer) => [orderOf(customer, 'order-2')],
  (customer) => ['order-3', 'order-4', 'order-5'].map((name) => orderOf(customer, name)),
];

interface Figures {
  latencies: Latencies;
  failedFrames: number;
  changesPerSecond: number;
}

/** Subscriptions of one customer each, of which no two are delivered the same. */
export async function benchOwnCustomer(bench: Bench): Promise<Measurement[]> {
  const sockets = socketsFor(bench.live, usualSockets);
  const runs: Figures[] = [];
  for (let run = 0; run < bench.runs; run += 1) {
    bench.log(`live own customer: ${sockets} subscriptions of a customer each`);
    const server = await bench.freshServer(settingsFor(sockets));
    try {
      runs.push(await runOnce(server, sockets));
    } finally {
      await server.stop();
    }
  }
  const line = (measure: string, unit: string, toValue: (figures: Figures) => number) => ({
    benchmark: 'live own customer',
    ...{ measure, unit, values: runs.map(toValue) },
  });
  return [
    line('changes', '/s', ({ changesPerSecond }) => changesPerSecond),
    line('recorded → frame, mean', 'ms', ({ latencies }) => meanLatency(latencies)),
    line('recorded → frame, p50', 'ms', ({ latencies }) => latencyPercentile(latencies, 0.5)),
    line('recorded → frame, p99', 'ms', ({ latencies }) => latencyPercentile(latencies, 0.99)),
    line('frames with errors', '', ({ failedFrames }) => failedFrames),
  ];
}

async function runOnce(server: BenchServer, count: number): Promise<Figures> {
  const { id, key } = await createBenchWorkspace(server, 'live own customer');
  const { url } = server;
  const names = Array.from({ length: count }, (_, index) => `customer-${index}`);
  return withConnections({ url, key, count: 1 }, async ([connection]) => {
    if (!connection) throw new Error('There is no connection');
    await sendAll(connection, names.map(visitOf));
    const after = await endOfLog(connection);
    const customers = await loadCustomerIds(server, id);
    const load = startLoad(count);
    try {
      await load.open({
        ...{ url, key, query: stageChanges, ...openingPace, checkedShare: 100, resumes: false },
        variables: customers.map((customer) => ({ customer, after })),
      });
      await sendAll(connection, names.map(signUpOf));
      await load.waitUntil(({ minFrames }) => minFrames >= 1, 120);
      await load.takeFigures(1);
      const changesPerSecond = await moveAll(connection, names);
      const frames = 1 + moves.length;
      const hasAll = ({ minFrames }: { minFrames: number }) => minFrames >= frames;
      const { maxFrames, failedFrames } = await load.waitUntil(hasAll, 120);
      if (maxFrames > frames) throw new Error(`${maxFrames} frames instead of ${frames}`);
      const { latencies } = await load.takeFigures(frames);
      return { latencies, failedFrames, changesPerSecond };
    } finally {
      await load.end();
    }
  });
}

async function sendAll(connection: Connection, events: readonly object[]) {
  for (let from = 0; from < events.length; from += batchSize) {
    await sendBatch(connection, events.slice(from, from + batchSize));
  }
}

/** Moves every customer to the next stage, one after another, as often as there are moves. Returns changes per second. */
async function moveAll(connection: Connection, names: readonly string[]): Promise<number> {
  let moved = 0;
  let seconds = 0;
  for (const move of moves) {
    const pace = { perSecond: names.length / secondsPerChange, seconds: secondsPerChange };
    const paced = await keepPace(pace, async (first, count) => {
      await sendBatch(connection, names.slice(first, first + count).flatMap(move));
    });
    await sendAll(connection, names.slice(paced.sent).flatMap(move));
    moved += paced.sent;
    seconds += paced.seconds;
  }
  return moved / seconds;
}

async function loadCustomerIds(server: BenchServer, workspaceId: string): Promise<string[]> {
  return server.database.inWorkspace(workspaceId, async (db) => {
    const { rows } = await db.query<{ id: string }>(sql`
      select id from customer where workspace_id = ${workspaceId}`);
    return rows.map(({ id }) => id);
  });
}
