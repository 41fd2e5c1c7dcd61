import { loadHistories } from '../src/domains/churn/load-histories.ts';
import type { Transaction } from '../src/platform/database.ts';
import { sql } from '../src/platform/sql.ts';
import { msPerDay } from '../src/platform/time/ms-per-day.ts';
import { mbgNbd } from '../src/statistics/models/mbg-nbd.ts';
import {
  groupHistories,
  type HistoryGroup,
  type PurchaseHistory,
} from '../src/statistics/models/purchase-history.ts';
import { summarisePurchases } from '../src/statistics/models/purchase-summary.ts';
import { loadOrderLog, readOrders } from './orders.ts';
import type { Bench } from './support/bench.ts';
import { asSuperuser } from './support/own-database.ts';
import type { Measurement } from './support/report.ts';
import { type BenchServer, createBenchWorkspace } from './support/server.ts';
import { createUniform } from './uniform.ts';

const manyCustomers = 1_000_000;
const horizon = 90;

const line = (
  measure: string,
  values: number[],
  { unit = 'ms', target }: Pick<Partial<Measurement>, 'unit' | 'target'> = {},
): Measurement => ({ benchmark: 'churn models', measure, unit, values, ...(target && { target }) });

/** Fits and scores of the default purchase model, and loading its data from the database. */
export async function benchChurnModels(bench: Bench): Promise<Measurement[]> {
  const log = await loadOrderLog();
  const few = readTenth(log.text);
  bench.log(`churn: ${few.length} customers of ${log.name}, ${manyCustomers} simulated`);
  const many = makeHistories(manyCustomers);
  const measured = { few: [], grouping: [], grouped: [], ungrouped: [], scoring: [] } as {
    [measure: string]: number[];
  };
  const add = (measure: string, ms: number) => measured[measure]?.push(ms);
  const fewGroups = groupHistories(few);
  for (let run = 0; run < 3; run += 1) requireFit(fewGroups);
  for (let run = 0; run < bench.runs; run += 1) {
    add('few', time(() => requireFit(fewGroups)).ms);
    const { ms, value: groups } = time(() => groupHistories(many));
    add('grouping', ms);
    const fit = time(() => requireFit(groups));
    add('grouped', fit.ms);
    add('ungrouped', time(() => requireFit(many.map((one) => ({ ...one, count: 1 })))).ms);
    add('scoring', time(() => score(fit.value, many)).ms);
  }
  const distinct = groupHistories(many).length;
  return [...toMeasurements(measured, distinct), ...(await benchDatabase(bench, many))];
}

/** Compares a fit on histories grouped by SQL, as in production, with reading them customer by customer. */
async function benchDatabase(
  bench: Bench,
  many: readonly PurchaseHistory[],
): Promise<Measurement[]> {
  const server = await bench.freshServer();
  try {
    const { id } = await createBenchWorkspace(server, 'churn');
    await storeHistories(server, id, many);
    const query = { activity: 'PURCHASES', timeZone: 'UTC', now: new Date() } as const;
    const grouped: number[] = [];
    const single: number[] = [];
    for (let run = 0; run < bench.runs; run += 1) {
      const began = performance.now();
      const load = (db: Transaction) => loadHistories(db, query);
      requireFit((await server.database.inWorkspace(id, load)).groups);
      const loaded = performance.now();
      grouped.push(loaded - began);
      requireFit(await server.database.inWorkspace(id, (db) => loadSingly(db, query.now)));
      single.push(performance.now() - loaded);
    }
    const ratios = single.map((ms, run) => ms / (grouped[run] ?? Number.NaN));
    return [
      line('1,000,000 grouped in SQL and fitted', grouped, { target: { max: 4_000 } }),
      line('read one by one and fitted', single),
      line('one by one / grouped in SQL', ratios, { unit: '' }),
    ];
  } finally {
    await server.stop();
  }
}

async function loadSingly(db: Transaction, now: Date): Promise<HistoryGroup[]> {
  const { rows } = await db.query<HistoryGroup>(sql`
    select order_days - 1 as x, last_order_at::date - first_order_at::date as tx,
      ${now}::date - first_order_at::date as "T", 1 as count
    from customer where workspace_id = ${db.workspaceId}`);
  return rows;
}

const batchSize = 50_000;

/** Stores the columns of customers that a fit reads. */
async function storeHistories(
  { database, databaseUrl }: BenchServer,
  workspaceId: string,
  many: readonly PurchaseHistory[],
) {
  for (let from = 0; from < many.length; from += batchSize) {
    const some = many.slice(from, from + batchSize);
    await database.inWorkspace(workspaceId, (db) =>
      db.query(sql`
        insert into customer (workspace_id, id, traits, first_seen_at, last_seen_at, evaluated_at,
          events,
          active_days, orders, order_days, own_order_days, first_order_at, last_order_at, gross_revenue,
          first_day_value)
        select ${workspaceId}, gen_random_uuid(), '{}', first, last, last, x + 1, x + 1, x + 1, x + 1, x + 1,
          first, last,
          1000 * (x + 1), 1000
        from unnest(${some.map(({ x }) => x)}::integer[], ${some.map(({ tx }) => tx)}::integer[],
          ${some.map(({ T }) => T)}::integer[]) as history (x, tx, t)
        cross join lateral (select current_date - t + interval '12 hours' as first) as f
        cross join lateral (select first + tx * interval '1 day' as last) as l`),
    );
  }
  await asSuperuser(databaseUrl, ['analyze customer']);
}

function toMeasurements(measured: Record<string, number[]>, distinct: number): Measurement[] {
  const { few = [], grouping = [], grouped = [], ungrouped = [], scoring = [] } = measured;
  const ratios = ungrouped.map((ms, run) => ms / (grouped[run] ?? Number.NaN));
  return [
    line('fit of 2,357 customers, warm', few, { target: { max: 50 } }),
    line('distinct histories among 1,000,000 customers', [distinct], { unit: '' }),
    line('grouping them', grouping),
    line('fit of the groups', grouped, { target: { max: 4_000 } }),
    line('fit of single customers', ungrouped),
    line('single / grouped', ratios, { unit: '' }),
    line('P(alive), P(silent), threshold of 1,000,000', scoring, { target: { max: 1_000 } }),
  ];
}

function time<T>(work: () => T): { ms: number; value: T } {
  const began = performance.now();
  const value = work();
  return { ms: performance.now() - began, value };
}

function requireFit(groups: readonly HistoryGroup[]) {
  const fit = mbgNbd.fit(groups);
  if (!fit.converged) throw new Error(fit.message);
  return fit.parameters;
}

/** Returns a sum, so that no score can be optimised away. */
function score(parameters: ReturnType<typeof requireFit>, histories: readonly PurchaseHistory[]) {
  let sum = 0;
  for (const history of histories) {
    sum += mbgNbd.pAlive(parameters, history);
    sum += mbgNbd.pSilent(parameters, history, horizon);
    sum += mbgNbd.aliveFallsTo(parameters, history, 0.5) ?? 0;
  }
  return sum;
}

/** Summarises every tenth customer of the log, nine months after its first day. */
function readTenth(text: string): PurchaseHistory[] {
  const orders = readOrders({ name: '', text });
  const first = dayOf('19970101');
  const until = first + 272;
  const customers = [...new Set(orders.map(({ customer }) => customer))];
  const tenth = new Set(customers.filter((_, index) => index % 10 === 3));
  const purchases = orders
    .filter(({ customer }) => tenth.has(customer))
    .map(({ customer, date, amount }) => ({ customer, day: dayOf(date), amount: Number(amount) }))
    .filter(({ day }) => day <= until);
  return [...summarisePurchases(purchases, until).values()];
}

const dayOf = (date: string) =>
  Date.UTC(Number(date.slice(0, 4)), Number(date.slice(4, 6)) - 1, Number(date.slice(6))) /
  msPerDay;

/**
 * Customers of MBG/NBD with r = a = 1, whose variates are exponentials and powers: one purchase in about 60 days, a third
 * drop out after each, up to two years old and counted in whole days.
 */
function makeHistories(count: number): PurchaseHistory[] {
  const random = createUniform(7);
  const exponential = (mean: number) => -Math.log(1 - random()) * mean;
  return Array.from({ length: count }, () => {
    const T = 1 + Math.floor(730 * random());
    const gap = 1 / exponential(1 / 60);
    const leaving = 1 - random() ** (1 / 2);
    let [x, tx] = [0, 0];
    while (random() >= leaving) {
      const next = tx + Math.max(1, Math.round(exponential(gap)));
      if (!(next <= T)) break;
      [x, tx] = [x + 1, next];
    }
    return { x, tx, T };
  });
}
