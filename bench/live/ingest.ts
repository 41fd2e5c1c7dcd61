import { setTimeout as elapsed } from 'node:timers/promises';
import type { Bench } from '../support/bench.ts';
import { type Connection, withConnections } from '../support/connection.ts';
import type { Measurement } from '../support/report.ts';
import { type BenchServer, createBenchWorkspace } from '../support/server.ts';
import { percentile } from '../support/spread.ts';
import { type Acknowledgement, sendEvent, untilLastFrame } from './send-events.ts';
import { settingsFor, socketsFor } from './socket-limit.ts';
import { openSubscribers } from './subscribers.ts';
import { firstOrder } from './subscription.ts';

const eventsPerSecond = 20;
const usualSockets = 2_000;
const usualSeconds = 10;

interface Figures {
  /** Milliseconds between sending an event and its acknowledgement. */
  accepted: number[];
  /** Milliseconds between the acknowledgement and the last subscriber's frame. */
  lastFrame: number[];
}

/** Measures what subscribers of one workspace, each with the same selection, cost ingestion. */
export async function benchIngestUnderSubscribers(bench: Bench): Promise<Measurement[]> {
  const sockets = socketsFor(bench.live, usualSockets);
  const seconds = bench.live.seconds ?? usualSeconds;
  const server = await bench.freshServer(settingsFor(sockets));
  const without: Figures[] = [];
  const subscribed: Figures[] = [];
  try {
    for (let run = 0; run < bench.runs; run += 1) {
      bench.log(`live ingest: ${eventsPerSecond} single events/s, without and with ${sockets}`);
      without.push(await runOnce(server, 0, seconds));
      subscribed.push(await runOnce(server, sockets, seconds));
    }
  } finally {
    await server.stop();
  }
  return toMeasurements(without, subscribed);
}

async function runOnce(server: BenchServer, count: number, seconds: number): Promise<Figures> {
  const { key } = await createBenchWorkspace(server, `live ingest ${count}`);
  const { url } = server;
  return withConnections({ url, key, count: 1 }, async ([connection]) => {
    if (!connection) throw new Error('There is no connection');
    if (count === 0) return toFigures(await sendEvenly(connection, seconds), undefined);
    const subscribers = await openSubscribers(connection, { url, key, count });
    try {
      const acknowledgements = await sendEvenly(connection, seconds);
      await subscribers.waitForFrames(acknowledgements.length);
      await subscribers.assertExact();
      const { lastArrivals } = await subscribers.load.takeFigures(subscribers.frames);
      return toFigures(acknowledgements, lastArrivals);
    } finally {
      await subscribers.end();
    }
  });
}

const toFigures = (
  acknowledgements: readonly Acknowledgement[],
  lastArrivals: Float64Array | undefined,
): Figures => ({
  accepted: acknowledgements.map(({ sentAt, answeredAt }) => answeredAt - sentAt),
  lastFrame: lastArrivals ? untilLastFrame(acknowledgements, lastArrivals) : [],
});

async function sendEvenly(connection: Connection, seconds: number): Promise<Acknowledgement[]> {
  const acknowledgements: Acknowledgement[] = [];
  const began = performance.now();
  for (let index = 0; index < eventsPerSecond * seconds; index += 1) {
    const wait = began + (index * 1_000) / eventsPerSecond - performance.now();
    if (wait > 0) await elapsed(wait);
    acknowledgements.push(await sendEvent(connection, firstOrder(`customer-${index}`)));
  }
  return acknowledgements;
}

function toMeasurements(
  without: readonly Figures[],
  subscribed: readonly Figures[],
): Measurement[] {
  const line = (measure: string, runs: readonly Figures[], name: keyof Figures, share: number) => ({
    benchmark: 'live ingest',
    measure,
    unit: 'ms',
    values: runs.map((figures) => percentile(figures[name], share)),
  });
  const quiet = line('sent → accepted without subscribers, p50', without, 'accepted', 0.5);
  const loaded = line('sent → accepted with subscribers, p50', subscribed, 'accepted', 0.5);
  return [
    quiet,
    line('sent → accepted without subscribers, p99', without, 'accepted', 0.99),
    loaded,
    line('sent → accepted with subscribers, p99', subscribed, 'accepted', 0.99),
    {
      ...loaded,
      measure: 'p50 with / without subscribers',
      unit: '',
      values: loaded.values.map((ms, run) => ms / (quiet.values[run] ?? Number.NaN)),
    },
    line('accepted → last frame, p50', subscribed, 'lastFrame', 0.5),
    line('accepted → last frame, p99', subscribed, 'lastFrame', 0.99),
  ];
}
