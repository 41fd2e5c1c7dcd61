import { send } from './ingest.ts';
import { ordersMix } from './mixes.ts';
import { loadOrderLog, readOrders } from './orders.ts';
import { putRules } from './put-rules.ts';
import type { Measurement } from './report.ts';
import type { Bench } from './run.ts';
import { type BenchServer, newWorkspace } from './server.ts';

const connections = 8;

/** The whole order log with fifty segments and five lifecycles, against the same without segments. */
export async function benchRules(bench: Bench): Promise<Measurement[]> {
  const log = await loadOrderLog();
  const mix = ordersMix(readOrders(log));
  bench.say(`rules: ${mix.calls.length} orders from ${log.name}, ${connections} connections`);
  const server = await bench.freshServer();
  try {
    await send(server, { ...mix, calls: mix.calls.slice(0, 5_000) }, connections);
    const plain: number[] = [];
    const ruled: number[] = [];
    const churn: Churn[] = [];
    for (let run = 0; run < bench.runs; run += 1) {
      plain.push(await send(server, mix, connections));
      const workspace = await newWorkspace(server, mix.name);
      await putRules(server, workspace.id);
      ruled.push(await send(server, mix, connections, workspace.key));
      churn.push(await readChurn(server, workspace.id));
    }
    return toMeasurements(plain, ruled, churn, mix.calls.length);
  } finally {
    await server.stop();
  }
}

interface Churn {
  changes: number;
  members: number;
}

async function readChurn({ database }: BenchServer, workspaceId: string): Promise<Churn> {
  const { rows } = await database.inWorkspace(workspaceId, (sql) =>
    sql.query<Churn>(
      `select (select count(*)::int from change where workspace_id = $1) as changes,
         (select count(*)::int from segment_member where workspace_id = $1) as members`,
      [workspaceId],
    ),
  );
  return rows[0] ?? { changes: 0, members: 0 };
}

function toMeasurements(plain: number[], ruled: number[], churn: Churn[], events: number) {
  const line = (measure: string, unit: string, values: number[]): Measurement => ({
    benchmark: 'ingest with rules',
    measure,
    unit,
    values,
  });
  const ratios = ruled.map((rate, run) => rate / (plain[run] ?? Number.NaN));
  return [
    line('without segments (the baseline)', 'events/s', plain),
    line('50 segments, 5 lifecycles', 'events/s', ruled),
    { ...line('with / without', '', ratios), aim: { atLeast: 0.4 } },
    line(
      'changes recorded per event',
      '',
      churn.map(({ changes }) => changes / events),
    ),
    line(
      'memberships at the end per event',
      '',
      churn.map(({ members }) => members / events),
    ),
  ];
}
