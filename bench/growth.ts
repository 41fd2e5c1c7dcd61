import { send } from './ingest.ts';
import { activeCustomers, makeCustomers } from './many-customers.ts';
import type { Mix } from './mixes.ts';
import { storeActiveRules } from './store-active-rules.ts';
import type { Bench } from './support/bench.ts';
import type { Measurement } from './support/report.ts';
import { type BenchServer, createBenchWorkspace } from './support/server.ts';

const few = 10_000;
const events = 10_000;

/** Compares the cost of an event among 10,000 customers and among a million, with all rules active. */
export async function benchGrowth(
  bench: Bench,
  server: BenchServer,
  many: { id: string; key: string; customers: number },
): Promise<Measurement[]> {
  bench.log(
    `growth: ${events} events of ${activeCustomers} customers, among ${few} and ${many.customers}`,
  );
  const small = await makeCustomers(server, few);
  for (const workspace of [small, many]) await storeActiveRules(server, workspace.id);
  const warm = await createBenchWorkspace(server, 'warm');
  await send(server, mixOf(-1), 8, warm.key);
  const costs: Record<'small' | 'many', number[]> = { small: [], many: [] };
  for (let run = 0; run < bench.runs; run += 1) {
    costs.small.push(1_000 / (await send(server, mixOf(run), 8, small.key)));
    costs.many.push(1_000 / (await send(server, mixOf(run), 8, many.key)));
  }
  const benchmark = 'cost of an event with rules';
  const ratios = costs.many.map((cost, run) => cost / (costs.small[run] ?? Number.NaN));
  return [
    { benchmark, measure: `${few} customers`, unit: 'ms', values: costs.small },
    { benchmark, measure: `${many.customers} customers`, unit: 'ms', values: costs.many },
    { benchmark, measure: 'many / few', unit: '', values: ratios, target: { max: 1.3 } },
  ];
}

/** Current orders and product views of existing customers. */
function mixOf(run: number): Mix {
  const now = Date.now();
  const calls = Array.from({ length: events }, (_, index) => {
    const number = 1 + ((index * 7_919) % activeCustomers);
    return {
      type: 'track' as const,
      userId: `user-${number}`,
      event: index % 3 === 0 ? 'Order Completed' : 'Product Viewed',
      messageId: `growth-${run}-${index}`,
      timestamp: new Date(now - events + index).toISOString(),
      properties: { total: 10 + (index % 50), quantity: 1 + (index % 3) },
    };
  });
  return { name: 'known customers', batchSize: 500, calls };
}
