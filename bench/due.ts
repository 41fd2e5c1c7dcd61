import { setTimeout as elapsed } from 'node:timers/promises';
import { sql } from '../src/platform/sql.ts';
import { msPerDay } from '../src/platform/time/ms-per-day.ts';
import type { Bench } from './bench.ts';
import { withConnections } from './connection.ts';
import { send } from './ingest.ts';
import { connections, eventsPerSecond, sendEvenly } from './latency.ts';
import { putRules } from './put-rules.ts';
import type { Measurement } from './report.ts';
import { type BenchServer, createBenchWorkspace } from './server.ts';
import { percentile } from './spread.ts';

const customers = 100_000;
/** Time enough to take them in and to lead them up to the present before they fall due. */
const preparationMs = 240_000;
const loadSeconds = 60;

/** A hundred thousand customers whose last order is thirty days ago within the same second. */
export async function benchDue(bench: Bench): Promise<Measurement[]> {
  bench.say(`due: ${customers} customers within one second, ${eventsPerSecond} events/s meanwhile`);
  const server = await bench.freshServer();
  try {
    const { id, key } = await createBenchWorkspace(server, 'due');
    await putRules(server, id);
    const due = Date.now() + preparationMs;
    await send(server, { name: 'due', batchSize: 1_000, calls: ordersDueAt(due) }, 8, key);
    await untilNobodyIsDue(server, id, due - 10_000);
    if (Date.now() > due - 2_000) throw new Error('The preparation took too long');
    await elapsed(due - Date.now() - 1_000);
    const { url } = server;
    const count = eventsPerSecond * loadSeconds;
    const [seconds, sendings] = await withConnections({ url, key, count: connections }, (opened) =>
      Promise.all([
        untilNobodyIsDue(server, id, due + 1_000).then(() => (Date.now() - due) / 1_000),
        // Of today: what falls due of older ones would be waited for as well.
        sendEvenly(opened, count, due - count),
      ]),
    );
    const waits = sendings.map(({ sentAt, answeredAt }) => answeredAt - sentAt);
    const benchmark = 'falling due';
    return [
      {
        benchmark,
        measure: `all of ${customers} evaluated after`,
        unit: 's',
        values: [seconds],
        aim: { atMost: 60 },
      },
      { benchmark, measure: 'ingest meanwhile, p50', unit: 'ms', values: [percentile(waits, 0.5)] },
      {
        benchmark,
        measure: 'ingest meanwhile, p99',
        unit: 'ms',
        values: [percentile(waits, 0.99)],
        aim: { atMost: 150 },
      },
    ];
  } finally {
    await server.stop();
  }
}

const ordersDueAt = (due: number) =>
  Array.from({ length: customers }, (_, index) => ({
    type: 'track' as const,
    event: 'Order Completed',
    userId: `due-${index}`,
    messageId: `due-${index}`,
    timestamp: new Date(due - 30 * msPerDay + (index % 1_000)).toISOString(),
    properties: { total: 20, quantity: 1 },
  }));

/** Until whoever falls due before an instant has been evaluated. */
async function untilNobodyIsDue({ database }: BenchServer, workspaceId: string, before: number) {
  for (;;) {
    const waiting = await database.inWorkspace(workspaceId, async (db) => {
      const { rows } = await db.query<{ waiting: boolean }>(sql`
        select exists (select from customer
        where workspace_id = ${workspaceId}
          and due_at < to_timestamp(${before}::float8 / 1000)) as waiting`);
      return rows[0]?.waiting;
    });
    if (!waiting) return;
    await elapsed(100);
  }
}
