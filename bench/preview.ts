import { Prisma } from '../prisma/generated/client.ts';
import type { Filter } from '../src/conditions/filter.ts';
import { resolveFilter } from '../src/conditions/resolve.ts';
import { loadVocabulary } from '../src/conditions/vocabulary.ts';
import { whereHolds } from '../src/conditions/where.ts';
import type { Measurement } from './report.ts';
import type { Bench } from './run.ts';
import type { BenchServer } from './server.ts';

const filter: Filter = {
  all: [
    { trait: { name: 'plan', is: { text: { equals: 'pro' } } } },
    { fact: { lastOrderAt: { withinLast: 'P60D' } } },
    { did: { event: ['Product Viewed'], window: { within: 'P30D' } } },
  ],
};

/** The same question as somebody who knows the tables would write it. */
const byHand = (workspaceId: string, now: Date) => Prisma.sql`
  select count(*)::int as count from customer c
  where c.workspace_id = ${workspaceId}::uuid and c.merged_into is null
    and c.traits ->> 'plan' = 'pro'
    and c.last_order_at > ${now}::timestamptz - interval '60 days'
    and exists (
      select from event e
      where e.workspace_id = ${workspaceId}::uuid and e.customer_id = c.id and e.kind = 'track'
        and e.name = 'Product Viewed' and e.occurred_at > ${now}::timestamptz - interval '30 days')`;

const rounds = 5;

/** A preview's count of a filter of three clauses, against the statement written by hand. */
export async function benchPreview(
  bench: Bench,
  { database }: BenchServer,
  many: { id: string; customers: number },
): Promise<Measurement[]> {
  bench.say(`preview: three clauses over ${many.customers} customers`);
  const now = new Date();
  const compiled = await compile(database, many.id, now);
  const times: Record<'compiled' | 'hand', number[]> = { compiled: [], hand: [] };
  for (let round = 0; round < rounds * bench.runs; round += 1) {
    const [a, b] = [
      await time(database, many.id, compiled),
      await time(database, many.id, byHand(many.id, now)),
    ];
    if (a.count !== b.count) throw new Error(`${a.count} customers, by hand ${b.count}`);
    times.compiled.push(a.ms);
    times.hand.push(b.ms);
  }
  const ratios = times.compiled.map((ms, round) => ms / (times.hand[round] ?? Number.NaN));
  const benchmark = 'preview of a filter';
  return [
    { benchmark, measure: 'written by hand (the baseline)', unit: 'ms', values: times.hand },
    { benchmark, measure: 'compiled', unit: 'ms', values: times.compiled },
    { benchmark, measure: 'compiled / by hand', unit: '', values: ratios, aim: { atMost: 1.2 } },
  ];
}

type Database = BenchServer['database'];

const compile = (database: Database, workspaceId: string, now: Date) =>
  database.inWorkspace(workspaceId, async (sql) => {
    const vocabulary = await loadVocabulary(sql, workspaceId);
    const condition = resolveFilter(filter, vocabulary);
    const holds = whereHolds(condition, { workspaceId, timeZone: vocabulary.timeZone, now });
    return Prisma.sql`select count(*)::int as count from customer c
      where c.workspace_id = ${workspaceId}::uuid and c.merged_into is null and ${holds}`;
  });

const time = (database: Database, workspaceId: string, query: Prisma.Sql) =>
  database.readWorkspace(workspaceId, async (tx) => {
    const began = performance.now();
    const [row] = await tx.$queryRaw<Array<{ count: number }>>(query);
    return { count: row?.count, ms: performance.now() - began };
  });
