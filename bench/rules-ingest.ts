import type { Filter } from '../src/engine/conditions/filter.ts';
import { sql } from '../src/platform/sql.ts';
import { send } from './ingest.ts';
import { type Mix, ordersMix } from './mixes.ts';
import { loadOrderLog, readOrders } from './orders.ts';
import { segmentFilters } from './rules.ts';
import { storeActiveRules } from './store-active-rules.ts';
import type { Bench } from './support/bench.ts';
import type { Measurement } from './support/report.ts';
import { type BenchServer, createBenchWorkspace } from './support/server.ts';

const connections = 8;

/**
 * Ingests the whole order log with fifty segments and five lifecycles, with the five lifecycles only, and in a new
 * workspace with its default lifecycle only.
 */
export async function benchRules(bench: Bench): Promise<Measurement[]> {
  const log = await loadOrderLog();
  const mix = ordersMix(readOrders(log));
  bench.log(`rules: ${mix.calls.length} orders from ${log.name}, ${connections} connections`);
  const server = await bench.freshServer();
  try {
    await send(server, { ...mix, calls: mix.calls.slice(0, 5_000) }, connections);
    const rates: Rates = { plain: [], lifecycles: [], ruled: [] };
    const churn: Churn[] = [];
    for (let run = 0; run < bench.runs; run += 1) {
      rates.plain.push(await send(server, mix, connections));
      rates.lifecycles.push((await sendUnder(server, mix, [])).rate);
      const { id, rate } = await sendUnder(server, mix, segmentFilters);
      rates.ruled.push(rate);
      churn.push(await readChurn(server, id));
    }
    return toMeasurements(rates, churn, mix.calls.length);
  } finally {
    await server.stop();
  }
}

/** Sends to a new workspace with the five lifecycles and these segments. */
async function sendUnder(server: BenchServer, mix: Mix, segments: readonly Filter[]) {
  const { id, key } = await createBenchWorkspace(server, mix.name);
  await storeActiveRules(server, id, segments);
  return { id, rate: await send(server, mix, connections, key) };
}

/** Events per second, run by run. */
interface Rates {
  plain: number[];
  lifecycles: number[];
  ruled: number[];
}

interface Churn {
  changes: number;
  members: number;
}

async function readChurn({ database }: BenchServer, workspaceId: string): Promise<Churn> {
  const { rows } = await database.inWorkspace(workspaceId, (db) =>
    db.query<Churn>(sql`
      select (select count(*)::int from change where workspace_id = ${workspaceId}) as changes,
      (select count(*)::int from segment_member where workspace_id = ${workspaceId}) as members`),
  );
  return rows[0] ?? { changes: 0, members: 0 };
}

function toMeasurements(rates: Rates, churn: Churn[], events: number) {
  const line = (measure: string, unit: string, values: number[]): Measurement => ({
    benchmark: 'ingest with rules',
    measure,
    unit,
    values,
  });
  const per = (baseline: number[]) =>
    rates.ruled.map((rate, run) => rate / (baseline[run] ?? Number.NaN));
  const perEvent = (count: keyof Churn) => churn.map((one) => one[count] / events);
  return [
    line('default lifecycle only', 'events/s', rates.plain),
    line('5 lifecycles (the baseline)', 'events/s', rates.lifecycles),
    line('5 lifecycles, 50 segments', 'events/s', rates.ruled),
    { ...line('with segments / without', '', per(rates.lifecycles)), target: { min: 0.4 } },
    line('with segments / default lifecycle only', '', per(rates.plain)),
    line('changes recorded per event', '', perEvent('changes')),
    line('memberships at the end per event', '', perEvent('members')),
  ];
}
