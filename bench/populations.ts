import { domains } from '../src/domains.ts';
import { resolveFilter } from '../src/engine/conditions/resolve.ts';
import type { Population } from '../src/engine/evaluation/rule-set.ts';
import type { RuleSetKind } from '../src/engine/evaluation/rule-set-kind.ts';
import { type Extension, installExtensions } from '../src/engine/extensions.ts';
import { createIngest } from '../src/engine/ingestion/ingest.ts';
import { createPlaceholderIds } from '../src/platform/placeholder-ids.ts';
import { sql } from '../src/platform/sql.ts';
import { type Mix, ordersMix } from './mixes.ts';
import { loadOrderLog, readOrders } from './orders.ts';
import { chunks } from './plain-insert.ts';
import type { Bench } from './support/bench.ts';
import { asSuperuser } from './support/own-database.ts';
import type { Measurement } from './support/report.ts';
import { type BenchServer, createBenchWorkspace } from './support/server.ts';

const setCount = 20;
const customersPerSet = 100;
const setIds = Array.from({ length: setCount }, (_, index) => `set-${index}`);

const variants = {
  none: undefined,
  small: 'PLACED',
  all: 'ALL',
} as const satisfies Record<string, Population | undefined>;
type Variant = keyof typeof variants;

/**
 * Ingests the order log with twenty rule sets that apply to 100 customers each, against none of these sets and
 * against the same sets for all customers. Runs in this process, because no domain of the product has such sets.
 */
export async function benchPopulations(bench: Bench): Promise<Measurement[]> {
  const log = await loadOrderLog();
  // By date, so that the customers of the first half order again in the second.
  const orders = readOrders(log).toSorted((a, b) => a.date.localeCompare(b.date));
  const mix = ordersMix(orders);
  bench.log(`populations: ${mix.calls.length} orders from ${log.name}, ${setCount} rule sets`);
  const server = await bench.freshServer();
  await asSuperuser(server.databaseUrl, placementTable);
  const rates: Record<Variant, number[]> = { none: [], small: [], all: [] };
  try {
    await measureRate(server, mix, 'none');
    for (let run = 0; run < bench.runs; run += 1) {
      for (const variant of Object.keys(rates) as Variant[]) {
        rates[variant].push(await measureRate(server, mix, variant));
      }
    }
  } finally {
    installExtensions(productExtensions);
    await server.stop();
  }
  return toMeasurements(rates);
}

const productExtensions = domains.map(({ extension }) => extension);

const placementTable = [
  `create table bench_place (workspace_id uuid, customer_id uuid, set_id text, since timestamptz,
     primary key (workspace_id, customer_id, set_id))`,
  'grant select, insert on bench_place to public',
];

/** Events per second of the second half of the log; the first half creates the customers that are placed. */
async function measureRate(server: BenchServer, mix: Mix, variant: Variant): Promise<number> {
  const { database } = server;
  const appliesTo = variants[variant];
  installExtensions([...productExtensions, ...(appliesTo ? [extensionFor(appliesTo)] : [])]);
  const { id } = await createBenchWorkspace(server, mix.name);
  const { ingest } = createIngest({
    database,
    maxEventBytes: 32_768,
    placeholderIds: createPlaceholderIds([]),
    maxBacklog: 100_000,
  });
  const batches = chunks(mix.calls, mix.batchSize);
  const half = Math.floor(batches.length / 2);
  const sendAll = async (some: typeof batches) => {
    for (const batch of some) await ingest(id, batch, { now: new Date() });
  };
  await sendAll(batches.slice(0, half));
  if (appliesTo === 'PLACED') await placeCustomers(server, id);
  const began = performance.now();
  await sendAll(batches.slice(half));
  const seconds = (performance.now() - began) / 1_000;
  return batches.slice(half).flat().length / seconds;
}

/** Spreads the sets over customers that order in the second half too. */
const placeCustomers = ({ database }: BenchServer, workspaceId: string) =>
  database.inWorkspace(workspaceId, (db) =>
    db.query(sql`
      insert into bench_place (workspace_id, customer_id, set_id, since)
      select ${workspaceId}, id, 'set-' || mod(number, ${setCount}), now()
      from (select id, row_number() over (order by id) as number from customer
        where workspace_id = ${workspaceId}) as c
      where number <= ${setCount * customersPerSet}`),
  );

const extensionFor = (appliesTo: Population): Extension => ({
  name: 'bench',
  ruleSetKinds: [rulesFor(appliesTo)],
});

/** Sets that keep their members, each with a rule of its own, so that only evaluation is measured. */
const rulesFor = (appliesTo: Population): RuleSetKind => ({
  name: 'BENCH',
  resolve: (vocabulary) => ({
    sets: setIds.map((id, index) => {
      const filter = { fact: { netRevenue: { atLeast: 1_000_000_000 + index } } };
      const entry = resolveFilter(filter, vocabulary, 'rule');
      const stage = { key: 'IN', filter, entry, stay: undefined };
      const set = { id, subjectId: id, version: 1, buildId: null, appliesTo };
      return { ...set, keepsUnmatched: true, stages: [stage] };
    }),
    store() {},
    toChange: () => undefined,
  }),
  selectPlacements: (workspaceId) => sql`
    select set_id as "setId", 'IN' as "stageKey", since, null::jsonb as "leftAt",
      null::timestamptz as "pinnedUntil", null::json as data
    from bench_place where workspace_id = ${workspaceId}::uuid and customer_id = customer.id`,
  release: async () => ({ released: {} }),
});

function toMeasurements({ none, small, all }: Record<Variant, number[]>): Measurement[] {
  const benchmark = 'ingest with populations';
  const per = (values: number[]) => values.map((rate, run) => rate / (none[run] ?? Number.NaN));
  const sets = `${setCount} sets`;
  return [
    { benchmark, measure: 'no such sets (the baseline)', unit: 'events/s', values: none },
    { benchmark, measure: `${sets} for 100 customers each`, unit: 'events/s', values: small },
    { benchmark, measure: `${sets} for all customers`, unit: 'events/s', values: all },
    { benchmark, measure: `${sets} for 100 each / none`, unit: '', values: per(small) },
    { benchmark, measure: `${sets} for all / none`, unit: '', values: per(all) },
  ];
}
