import { setTimeout as elapsed } from 'node:timers/promises';
import { sql } from '../src/platform/sql.ts';
import { msPerDay } from '../src/platform/time/ms-per-day.ts';
import { send } from './ingest.ts';
import { connections, eventsPerSecond, sendEvenly } from './latency.ts';
import { storeActiveRules } from './store-active-rules.ts';
import type { Bench } from './support/bench.ts';
import { withConnections } from './support/connection.ts';
import type { Measurement } from './support/report.ts';
import { type BenchServer, createBenchWorkspace } from './support/server.ts';
import { percentile } from './support/spread.ts';

const customers = 100_000;
/** The time to ingest the customers and evaluate them up to the present, before they are due. */
const preparationMs = 240_000;
const loadSeconds = 60;

/** 100,000 customers whose last order was thirty days ago, within the same second. */
export async function benchDue(bench: Bench): Promise<Measurement[]> {
  bench.log(`due: ${customers} customers due within one second, with ${eventsPerSecond} events/s`);
  const server = await bench.freshServer();
  try {
    const { id, key } = await createBenchWorkspace(server, 'due');
    await storeActiveRules(server, id);
    const due = Date.now() + preparationMs;
    await send(server, { name: 'due', batchSize: 1_000, calls: ordersDueAt(due) }, 8, key);
    await waitUntilNoneIsDue(server, id, due - 10_000);
    if (Date.now() > due - 2_000) throw new Error('The preparation took too long');
    await elapsed(due - Date.now() - 1_000);
    const { url } = server;
    const count = eventsPerSecond * loadSeconds;
    const [seconds, sendings] = await withConnections({ url, key, count: connections }, (opened) =>
      Promise.all([
        waitUntilNoneIsDue(server, id, due + 1_000).then(() => (Date.now() - due) / 1_000),
        // Dated today: the measurement would also wait for the due dates of older events.
        sendEvenly(opened, count, due - count),
      ]),
    );
    const waits = sendings.map(({ sentAt, answeredAt }) => answeredAt - sentAt);
    const benchmark = 'due customers';
    return [
      {
        benchmark,
        measure: `time to evaluate all ${customers}`,
        unit: 's',
        values: [seconds],
        target: { max: 60 },
      },
      {
        benchmark,
        measure: 'concurrent ingest, p50',
        unit: 'ms',
        values: [percentile(waits, 0.5)],
      },
      {
        benchmark,
        measure: 'concurrent ingest, p99',
        unit: 'ms',
        values: [percentile(waits, 0.99)],
        target: { max: 150 },
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

/** Waits until all customers due before an instant are evaluated. */
async function waitUntilNoneIsDue({ database }: BenchServer, workspaceId: string, before: number) {
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
