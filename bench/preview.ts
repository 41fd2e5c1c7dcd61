import type { Filter } from '../src/engine/conditions/filter.ts';
import { resolveFilter } from '../src/engine/conditions/resolve.ts';
import { loadVocabulary } from '../src/engine/conditions/vocabulary.ts';
import { conditionSql } from '../src/engine/conditions/where.ts';
import { type Sql, sql } from '../src/platform/sql.ts';
import type { Bench } from './support/bench.ts';
import type { Measurement } from './support/report.ts';
import type { BenchServer } from './support/server.ts';

interface Question {
  benchmark: string;
  filter: Filter;
  /** The same condition in handwritten SQL. */
  handwritten(workspaceId: string, now: Date): Sql;
}

const viewed = (workspaceId: string) => sql`
  select from event e where e.workspace_id = ${workspaceId}::uuid and e.customer_id = c.id
    and e.kind = 'track' and e.name = 'Product Viewed'`;

const questions: Question[] = [
  {
    benchmark: 'preview of a filter',
    filter: {
      all: [
        { trait: { name: 'plan', is: { text: { equals: 'pro' } } } },
        { fact: { lastOrderAt: { withinLast: 'P60D' } } },
        { did: { event: ['Product Viewed'], window: { within: 'P30D' } } },
      ],
    },
    handwritten: (workspaceId, now) => sql`
      c.traits ->> 'plan' = 'pro'
      and c.last_order_at > ${now}::timestamptz - interval '60 days'
      and exists (${viewed(workspaceId)}
        and e.occurred_at > ${now}::timestamptz - interval '30 days')`,
  },
  {
    benchmark: 'preview of a negated filter',
    filter: { not: { did: { event: ['Product Viewed'] } } },
    handwritten: (workspaceId) => sql`not exists (${viewed(workspaceId)})`,
  },
];

const rounds = 5;

/** Compares the count of a preview with handwritten SQL. */
export async function benchPreview(
  bench: Bench,
  server: BenchServer,
  many: { id: string; customers: number },
): Promise<Measurement[]> {
  const measurements = [];
  for (const question of questions) {
    bench.log(`${question.benchmark}, over ${many.customers} customers`);
    measurements.push(...(await compare(bench, server, { ...many, question })));
  }
  return measurements;
}

async function compare(
  bench: Bench,
  { database }: BenchServer,
  { id, question: { benchmark, filter, handwritten } }: { id: string; question: Question },
): Promise<Measurement[]> {
  const now = new Date();
  const compiled = countOf(id, await compile(database, id, { filter, now }));
  const hand = countOf(id, handwritten(id, now));
  const times: Record<'compiled' | 'hand', number[]> = { compiled: [], hand: [] };
  for (let round = 0; round < rounds * bench.runs; round += 1) {
    const [a, b] = [await time(database, id, compiled), await time(database, id, hand)];
    if (a.count !== b.count) throw new Error(`${a.count} customers, handwritten ${b.count}`);
    times.compiled.push(a.ms);
    times.hand.push(b.ms);
  }
  const ratios = times.compiled.map((ms, round) => ms / (times.hand[round] ?? Number.NaN));
  return [
    { benchmark, measure: 'handwritten SQL (the baseline)', unit: 'ms', values: times.hand },
    { benchmark, measure: 'compiled', unit: 'ms', values: times.compiled },
    {
      benchmark,
      measure: 'compiled / handwritten',
      unit: '',
      values: ratios,
      target: { max: 1.2 },
    },
  ];
}

type Database = BenchServer['database'];

const countOf = (workspaceId: string, holds: Sql) => sql`
  select count(*)::int as count from customer c
  where c.workspace_id = ${workspaceId}::uuid and c.merged_into is null and ${holds}`;

const compile = (
  database: Database,
  workspaceId: string,
  { filter, now }: { filter: Filter; now: Date },
) =>
  database.inWorkspace(workspaceId, async (db) => {
    const vocabulary = await loadVocabulary(db);
    const condition = resolveFilter(filter, vocabulary);
    return conditionSql(condition, { workspaceId, timeZone: vocabulary.timeZone, now });
  });

const time = (database: Database, workspaceId: string, query: Sql) =>
  database.readWorkspace(workspaceId, async (tx) => {
    const began = performance.now();
    const [row] = await tx.$queryRaw<Array<{ count: number }>>(query);
    return { count: row?.count, ms: performance.now() - began };
  });
