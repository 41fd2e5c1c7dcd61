import { type Mix, mixedDay, ordersMix } from './mixes.ts';
import { loadOrderLog, readOrders } from './orders.ts';
import { chunks, openPlainTable } from './plain-insert.ts';
import type { Bench } from './support/bench.ts';
import { type Connection, withConnections } from './support/connection.ts';
import type { Measurement } from './support/report.ts';
import { type BenchServer, createBenchWorkspace } from './support/server.ts';

const events = 15_000;
const concurrencies = [1, 8];

/** Compares ingestion over HTTP, including evaluation, with a plain insert of the same events. */
export async function benchIngest(bench: Bench): Promise<Measurement[]> {
  const log = await loadOrderLog();
  bench.log(`ingest: ${events} events per run; orders from ${log.name}`);
  const server = await bench.freshServer();
  const plain = await openPlainTable(server.databaseUrl);
  try {
    const orders = readOrders(log);
    const mixes = [
      ...[ordersMix(orders), ordersMix(orders, { withIds: true })],
      ...[mixedDay(events, 0), mixedDay(events, 0.02)],
    ];
    const measured: Measurement[] = [];
    for (const mix of mixes.map(shorten)) {
      await warmUp(server, plain, mix);
      measured.push(...(await benchMix(bench, server, plain, mix)));
    }
    return measured;
  } finally {
    await plain.end();
    await server.stop();
  }
}

type PlainTable = Awaited<ReturnType<typeof openPlainTable>>;

const shorten = (mix: Mix): Mix => ({ ...mix, calls: mix.calls.slice(0, events) });

/** Sends a tenth of the events into a separate workspace. */
async function warmUp(server: BenchServer, plain: PlainTable, mix: Mix) {
  const few = { ...mix, calls: mix.calls.slice(0, events / 10) };
  await plain.insert(few.calls);
  await send(server, few, 8);
}

async function benchMix(bench: Bench, server: BenchServer, plain: PlainTable, mix: Mix) {
  const rates = concurrencies.map((): number[] => []);
  const ratios = concurrencies.map((): number[] => []);
  const baseline: number[] = [];
  for (let run = 0; run < bench.runs; run += 1) {
    for (const [index, count] of concurrencies.entries()) {
      // Right before the measurement, and twice, because one insert is too short to measure.
      const plainRate = ((await plain.insert(mix.calls)) + (await plain.insert(mix.calls))) / 2;
      const rate = await send(server, mix, count);
      baseline.push(plainRate);
      rates[index]?.push(rate);
      ratios[index]?.push(rate / plainRate);
    }
  }
  const name = `ingest, ${mix.name}`;
  const line = (measure: string, unit: string, values: number[], min?: number): Measurement => ({
    benchmark: name,
    measure,
    unit,
    values,
    ...(min === undefined ? {} : { target: { min } }),
  });
  return [
    line('plain insert (the baseline)', 'events/s', baseline),
    ...concurrencies.flatMap((count, index) => [
      line(`HTTP, ${connectionsOf(count)}`, 'events/s', rates[index] ?? [], 3_000),
      line(`HTTP, ${connectionsOf(count)} / plain insert`, '', ratios[index] ?? [], 0.25),
    ]),
  ];
}

export const connectionsOf = (count: number) =>
  count === 1 ? '1 connection' : `${count} connections`;

/**
 * Sends a mix in order, to a new workspace or to that of `existingKey`; the connections take batches in turn. Returns
 * events per second.
 */
export async function send(
  server: BenchServer,
  mix: Mix,
  count: number,
  existingKey?: string,
): Promise<number> {
  const key = existingKey ?? (await createBenchWorkspace(server, mix.name)).key;
  const bodies = chunks(mix.calls, mix.batchSize).map((batch) =>
    Buffer.from(JSON.stringify({ batch })),
  );
  return withConnections({ url: server.url, key, count }, async (connections) => {
    const waiting = bodies.values();
    const began = performance.now();
    const answers = await Promise.all(connections.map((one) => sendAll(one, waiting)));
    const seconds = (performance.now() - began) / 1_000;
    assertAccepted(answers.flat(), mix.calls.length);
    return mix.calls.length / seconds;
  });
}

async function sendAll(connection: Connection, bodies: Iterable<Buffer>): Promise<string[]> {
  const answers: string[] = [];
  for (const body of bodies) answers.push((await connection.post('/v1/batch', body)).text);
  return answers;
}

function assertAccepted(answers: string[], expected: number) {
  const counts = answers.map((text) => {
    const { results = [] } = JSON.parse(text) as { results?: Array<{ status: string }> };
    return results.filter(({ status }) => status === 'accepted').length;
  });
  const accepted = counts.reduce((sum, count) => sum + count, 0);
  if (accepted === expected) return;
  const worst = answers[counts.indexOf(Math.min(...counts))]?.slice(0, 500);
  throw new Error(`${accepted} of ${expected} events were accepted. One response: ${worst}`);
}
