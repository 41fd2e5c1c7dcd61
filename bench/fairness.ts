import { setTimeout as elapsed } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { type Load, type LoadResult, type LoadTask, loads } from './fairness-loads.ts';
import { importInto } from './import-orders.ts';
import type { Bench } from './support/bench.ts';
import { type Connection, openBenchConnection } from './support/connection.ts';
import type { Measurement } from './support/report.ts';
import {
  type BenchServer,
  benchAdminKey,
  createBenchWorkspace,
  startBenchServer,
} from './support/server.ts';
import { percentile } from './support/spread.ts';

const seconds = 15;
const eventsPerSecond = 20;
const healthMs = 50;

/** Sends events in one workspace while one read key runs a load over all customers of another. */
export async function benchFairness(bench: Bench): Promise<Measurement[]> {
  const { server } = await importInto(await bench.freshServer());
  const measured: Measurement[] = [];
  try {
    for (const load of loads) {
      bench.log(`fairness: ${load.name}`);
      const runs: Figures[] = [];
      for (let run = 0; run < bench.runs; run += 1) runs.push(await measureLoad(server, load));
      measured.push(...toMeasurements(load, runs));
    }
  } finally {
    await server.stop();
  }
  return measured;
}

interface Figures {
  p50: number;
  p99: number;
  refused: number;
  health: number;
  first: LoadResult['first'];
  statuses: LoadResult['statuses'];
}

async function measureLoad(imported: BenchServer, load: Load): Promise<Figures> {
  const { databaseUrl, url } = imported;
  const narrow = load.poolSize
    ? await startBenchServer({ databaseUrl, settings: { STAGELINE_POOL: String(load.poolSize) } })
    : undefined;
  const server = { ...imported, url: narrow?.url ?? url };
  try {
    const quiet = await probe(server);
    const task = {
      url: server.url,
      key: benchAdminKey,
      clients: load.clients,
      seconds,
      ...load.work,
    };
    const loading = runLoad(task as LoadTask);
    const loaded = await probe(server);
    const { first, statuses } = await loading;
    return {
      p50: percentile(loaded.times, 0.5) / percentile(quiet.times, 0.5),
      p99: percentile(loaded.times, 0.99) / percentile(quiet.times, 0.99),
      refused: loaded.refused,
      health: loaded.health,
      first,
      statuses,
    };
  } finally {
    await narrow?.stop();
  }
}

const runLoad = (workerData: LoadTask) =>
  new Promise<LoadResult>((resolve, reject) => {
    const worker = new Worker(new URL('./fairness-load.ts', import.meta.url), { workerData });
    worker.once('message', resolve);
    worker.once('error', reject);
  });

/** Sends single events at a steady pace and measures the slowest response of /health. */
async function probe(server: BenchServer) {
  const { key } = await createBenchWorkspace(server, `probe ${crypto.randomUUID()}`);
  const connection = openBenchConnection(server.url, key);
  const stop = new AbortController();
  const watching = watchHealth(server.url, stop.signal);
  const answers = await sendSteadily(connection);
  stop.abort();
  connection.close();
  return {
    times: answers.map(({ ms }) => ms),
    refused: answers.filter(({ status }) => status !== 200).length,
    health: await watching,
  };
}

async function sendSteadily(connection: Connection) {
  const answers: Array<{ ms: number; status: number }> = [];
  const began = performance.now();
  for (let index = 0; index < seconds * eventsPerSecond; index += 1) {
    const wait = began + (index * 1_000) / eventsPerSecond - performance.now();
    if (wait > 0) await elapsed(wait);
    const call = { event: 'Product Viewed', userId: `u${index % 50}`, messageId: `m${index}` };
    const { sentAt, answeredAt, status } = await connection.post(
      '/v1/track',
      Buffer.from(JSON.stringify(call)),
    );
    answers.push({ ms: answeredAt - sentAt, status });
  }
  return answers;
}

async function watchHealth(url: string, signal: AbortSignal): Promise<number> {
  let slowest = 0;
  while (!signal.aborted) {
    const sentAt = performance.now();
    await fetch(`${url}/health`);
    slowest = Math.max(slowest, performance.now() - sentAt);
    await elapsed(healthMs);
  }
  return slowest;
}

function toMeasurements({ name }: Load, runs: readonly Figures[]): Measurement[] {
  const line = (
    measure: string,
    unit: string,
    figureOf: (figures: Figures) => number,
    target?: number,
  ): Measurement => ({
    benchmark: `fairness, ${name}`,
    measure,
    unit,
    values: runs.map(figureOf),
    ...(target === undefined ? {} : { target: { max: target } }),
  });
  const statuses = JSON.stringify(runs.at(-1)?.statuses);
  return [
    line('ingest of another workspace, p50 / quiet', '', ({ p50 }) => p50, 2),
    line('ingest of another workspace, p99 / quiet', '', ({ p99 }) => p99, 4),
    line('refused events of another workspace', '', ({ refused }) => refused, 0),
    line('/health, slowest response', 'ms', ({ health }) => health, 100),
    line('first call of the load failed', '', ({ first }) => Number(!first.isGood), 0),
    line(`first call of the load; responses ${statuses}`, 's', ({ first }) => first.seconds, 10),
  ];
}
