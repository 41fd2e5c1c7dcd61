import { setTimeout as elapsed } from 'node:timers/promises';
import type { Bench } from '../support/bench.ts';
import { withConnections } from '../support/connection.ts';
import type { Measurement } from '../support/report.ts';
import { createBenchWorkspace } from '../support/server.ts';
import { startBaseline } from './baseline-server.ts';
import { openingPace, startLoad } from './load.ts';
import { memorySlope, settledMemory } from './settled-memory.ts';
import { settingsFor, socketsFor } from './socket-limit.ts';
import { openSubscribers } from './subscribers.ts';
import { stageChanges } from './subscription.ts';

const usualSockets = 20_000;
const usualSeconds = 120;
const joinsPerSecond = 50;
/** The heap grows once, with the first clients that join and leave. */
const warmUpMs = 20_000;
const maxStockSockets = 5_000;

interface Figures {
  sockets: number;
  kilobytesPerSocket: number;
  /** While clients join and leave. */
  megabytesPerMinute: number;
  stockKilobytesPerSocket: number;
}

/** Resident memory of subscribed sockets, and whether it grows while clients come and go. */
export async function benchSocketMemory(bench: Bench): Promise<Measurement[]> {
  const runs: Figures[] = [];
  for (let run = 0; run < bench.runs; run += 1) runs.push(await runOnce(bench));
  const line = (measure: string, unit: string, toValue: (figures: Figures) => number) => ({
    benchmark: 'live memory',
    ...{ measure, unit, values: runs.map(toValue) },
  });
  return [
    line('subscribed sockets', '', ({ sockets }) => sockets),
    line('resident per socket', 'KB', ({ kilobytesPerSocket }) => kilobytesPerSocket),
    line(
      `growth with ${joinsPerSecond} joins and leaves/s`,
      'MB/min',
      ({ megabytesPerMinute }) => megabytesPerMinute,
    ),
    line(
      'stock graphql-ws, resident per socket',
      'KB',
      ({ stockKilobytesPerSocket }) => stockKilobytesPerSocket,
    ),
  ];
}

async function runOnce(bench: Bench): Promise<Figures> {
  const sockets = socketsFor(bench.live, usualSockets);
  bench.log(`live memory: ${sockets} sockets`);
  const stageline = await measureStageline(bench, sockets);
  const stockSockets = Math.min(sockets, maxStockSockets);
  bench.log(`live memory: ${stockSockets} sockets of stock graphql-ws`);
  return { ...stageline, sockets, stockKilobytesPerSocket: await measureStock(stockSockets) };
}

async function measureStageline(bench: Bench, count: number) {
  const server = await bench.freshServer(settingsFor(count));
  const { key } = await createBenchWorkspace(server, 'live memory');
  const { url } = server;
  try {
    return await withConnections({ url, key, count: 1 }, async ([connection]) => {
      if (!connection) throw new Error('There is no connection');
      const before = await settledMemory(server);
      const subscribers = await openSubscribers(connection, { url, key, count });
      try {
        const after = await settledMemory(server);
        await subscribers.load.startChurn(joinsPerSecond);
        await elapsed(warmUpMs);
        const megabytesPerMinute = await memorySlope(server, bench.live.seconds ?? usualSeconds);
        await subscribers.load.stopChurn();
        return { kilobytesPerSocket: perSocket(before, after, count), megabytesPerMinute };
      } finally {
        await subscribers.end();
      }
    });
  } finally {
    await server.stop();
  }
}

async function measureStock(count: number): Promise<number> {
  const server = await startBaseline('stock');
  const load = startLoad(count);
  try {
    const before = await settledMemory(server);
    await load.open({
      ...{ url: server.url, key: '', query: stageChanges, variables: Array(count).fill({}) },
      ...{ ...openingPace, checkedShare: 100, resumes: false },
    });
    await server.publish({ pace: { perSecond: 1, seconds: 1 }, subscribers: count });
    await load.waitUntil(({ minFrames }) => minFrames >= 1);
    return perSocket(before, await settledMemory(server), count);
  } finally {
    await load.end();
    await server.stop();
  }
}

/** In KB (1,000 bytes). */
const perSocket = (before: number, after: number, count: number) =>
  ((after - before) * 1_000) / count;
