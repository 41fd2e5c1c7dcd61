import type { Bench } from '../support/bench.ts';
import { withConnections } from '../support/connection.ts';
import type { Measurement } from '../support/report.ts';
import { type BenchServer, createBenchWorkspace } from '../support/server.ts';
import { ingestAtPace } from './fan-out-target.ts';
import { latencyPercentile } from './latencies.ts';
import { settingsFor, socketsFor } from './socket-limit.ts';
import { openSubscribers } from './subscribers.ts';

const usualSockets = 2_000;
/** Long enough to fill the kernel's buffers of a stalled socket, and for the server to close it. */
const usualSeconds = 60;
const usualRate = 50_000;
const warmUpSeconds = 3;
/** One of so many sockets stalls. */
const stalledShare = 20;

interface Figures {
  p99: number;
  /** Growth of the server's memory in MB. */
  growth: number;
  /** Connections that the server closed, because they accepted nothing. */
  closed: number;
}

/** Measures what sockets that stop reading cost the others, and that they miss nothing once they read again. */
export async function benchStalled(bench: Bench): Promise<Measurement[]> {
  const sockets = socketsFor(bench.live, usualSockets);
  const seconds = bench.live.seconds ?? usualSeconds;
  const perSecond = (bench.live.rate ?? usualRate) / sockets;
  const healthy: Figures[] = [];
  const stalled: Figures[] = [];
  for (let run = 0; run < bench.runs; run += 1) {
    for (const isStalling of [false, true]) {
      const count = isStalling ? Math.ceil(sockets / stalledShare) : 0;
      bench.log(`live stalled: ${count} of ${sockets} sockets stop reading for ${seconds} s`);
      const server = await bench.freshServer(settingsFor(sockets));
      const figures = await runOnce(server, { sockets, seconds, perSecond, isStalling });
      (isStalling ? stalled : healthy).push(figures);
      await server.stop();
    }
  }
  return toMeasurements(healthy, stalled, Math.ceil(sockets / stalledShare));
}

interface StallOptions {
  sockets: number;
  seconds: number;
  /** Changes per second. */
  perSecond: number;
  isStalling: boolean;
}

async function runOnce(server: BenchServer, options: StallOptions): Promise<Figures> {
  const { sockets: count, seconds, perSecond, isStalling } = options;
  const { key } = await createBenchWorkspace(server, 'live stalled');
  const { url } = server;
  return withConnections({ url, key, count: 1 }, async ([connection]) => {
    if (!connection) throw new Error('There is no connection');
    const request = { url, key, count, checkedShare: stalledShare, resumes: true };
    const subscribers = await openSubscribers(connection, request);
    const { load } = subscribers;
    try {
      const warmUp = await ingestAtPace(connection, { perSecond, seconds: warmUpSeconds });
      await subscribers.waitForFrames(warmUp.sent);
      await load.takeFigures(subscribers.frames);
      const before = await server.memory();
      if (isStalling) await load.stall();
      const { sent } = await ingestAtPace(connection, { perSecond, seconds });
      await subscribers.waitForFrames(sent, 120);
      const growth = (await server.memory()) - before;
      const { latencies } = await load.takeFigures(subscribers.frames);
      await load.readAgain();
      await subscribers.assertExact();
      const { closes } = await load.status();
      const closed = Object.values(closes).reduce((sum, times) => sum + times, 0);
      return { p99: latencyPercentile(latencies, 0.99), growth, closed };
    } finally {
      await subscribers.end();
    }
  });
}

function toMeasurements(
  healthy: readonly Figures[],
  stalled: readonly Figures[],
  stalledSockets: number,
): Measurement[] {
  const line = (
    measure: string,
    unit: string,
    toValue: (stalling: Figures, without: Figures) => number,
  ): Measurement => ({
    benchmark: 'live stalled',
    ...{ measure, unit },
    values: stalled.flatMap((figures, run) => {
      const without = healthy[run];
      return without ? [toValue(figures, without)] : [];
    }),
  });
  return [
    line('recorded → frame of the healthy, p99', 'ms', ({ p99 }) => p99),
    line('the same without stalled sockets', 'ms', (_, { p99 }) => p99),
    line('with / without', '', ({ p99 }, without) => p99 / without.p99),
    line(
      'growth of the server per stalled socket',
      'KB',
      ({ growth }, without) => ((growth - without.growth) * 1_000) / stalledSockets,
    ),
    line('closed by the server, all resumed without a gap', '', ({ closed }) => closed),
  ];
}
