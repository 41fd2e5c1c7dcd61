import type { Bench } from '../support/bench.ts';
import { withConnections } from '../support/connection.ts';
import type { Measurement } from '../support/report.ts';
import { type BenchServer, createBenchWorkspace } from '../support/server.ts';
import { assertSameDeliveries } from './delivery-order.ts';
import { startLoad } from './load.ts';
import { sendBatch } from './send-events.ts';
import { settingsFor, socketsFor } from './socket-limit.ts';
import { endOfLog } from './subscribers.ts';
import { firstOrder, stageChanges } from './subscription.ts';
import { openWitness } from './witness.ts';

const usualSockets = 10_000;
/** Those that a client misses in a short outage; and so many that the writes bound the time, at 300 bytes each. */
const missedSizes = [100, 1_000];
const batchSize = 100;
/** As fast as the processes of the load can begin connections. */
const connectionsPerSecond = 10_000;
const maxSeconds = 300;

interface Figures {
  seconds: number;
  refused: number;
  failedFrames: number;
}

/** All clients come back at once, as after a restart, and each has missed the same changes. */
export async function benchRecovery(bench: Bench): Promise<Measurement[]> {
  const measurements: Measurement[] = [];
  for (const missed of missedSizes) measurements.push(...(await benchSize(bench, missed)));
  return measurements;
}

async function benchSize(bench: Bench, missed: number): Promise<Measurement[]> {
  const sockets = socketsFor(bench.live, usualSockets);
  const runs: Figures[] = [];
  for (let run = 0; run < bench.runs; run += 1) {
    bench.log(`live recovery: ${sockets} sockets have missed ${missed} changes each`);
    const server = await bench.freshServer(settingsFor(sockets));
    try {
      runs.push(await runOnce(server, sockets, missed));
    } finally {
      await server.stop();
    }
  }
  const line = (measure: string, unit: string, toValue: (figures: Figures) => number) => ({
    benchmark: `live recovery, ${missed} missed`,
    ...{ measure, unit, values: runs.map(toValue) },
  });
  return [
    line('until all have caught up', 's', ({ seconds }) => seconds),
    line('missed changes delivered', '/s', ({ seconds }) => (sockets * missed) / seconds),
    line('closed or refused, and came back', '', ({ refused }) => refused),
    line('frames with errors', '', ({ failedFrames }) => failedFrames),
  ];
}

async function runOnce(server: BenchServer, count: number, missed: number): Promise<Figures> {
  const { key } = await createBenchWorkspace(server, 'live recovery');
  const { url } = server;
  return withConnections({ url, key, count: 1 }, async ([connection]) => {
    if (!connection) throw new Error('There is no connection');
    const after = await endOfLog(connection);
    for (let from = 0; from < missed; from += batchSize) {
      const names = Array.from({ length: batchSize }, (_, index) => `customer-${from + index}`);
      await sendBatch(connection, names.map(firstOrder));
    }
    return storm({ url, key, count, after, missed });
  });
}

async function storm(request: {
  url: string;
  key: string;
  count: number;
  after: string;
  missed: number;
}): Promise<Figures> {
  const { url, key, count, after, missed } = request;
  const query = stageChanges;
  const witness = openWitness({ url, key, query, variables: { after } });
  const load = startLoad(count);
  try {
    // The processes have started when they answer.
    await load.status();
    const began = performance.now();
    const variables = Array.from({ length: count }, () => ({ after }));
    const storming = { perSecond: connectionsPerSecond, maxPending: count, resumes: true };
    await load.open({ url, key, query, variables, checkedShare: 100, ...storming });
    const hasAll = ({ minFrames }: { minFrames: number }) => minFrames >= missed;
    const { closes, maxFrames, failedFrames } = await load.waitUntil(hasAll, maxSeconds);
    const seconds = (performance.now() - began) / 1_000;
    if (maxFrames > missed) throw new Error(`${maxFrames} frames instead of ${missed}`);
    // A subscription that was delivered errors cannot have received all changes.
    if (failedFrames === 0) assertSameDeliveries(witness.order, await load.takeOrders());
    const refused = Object.values(closes).reduce((sum, times) => sum + times, 0);
    return { seconds, refused, failedFrames };
  } finally {
    await load.end();
    await witness.end();
  }
}
