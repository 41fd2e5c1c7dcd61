import { mbgNbd } from '../src/churn/models/mbg-nbd.ts';
import {
  groupHistories,
  type HistoryGroup,
  type PurchaseHistory,
} from '../src/churn/models/purchase-history.ts';
import { summarisePurchases } from '../src/churn/models/purchase-summary.ts';
import { loadOrderLog, readOrders } from './orders.ts';
import { createRandom } from './random.ts';
import type { Measurement } from './report.ts';
import type { Bench } from './run.ts';

const manyCustomers = 1_000_000;
const horizon = 90;

const line = (
  measure: string,
  values: number[],
  { unit = 'ms', aim }: Pick<Partial<Measurement>, 'unit' | 'aim'> = {},
): Measurement => ({ benchmark: 'churn models', measure, unit, values, ...(aim && { aim }) });

/** Fits and scores of the default purchase model, in this process: no server, no database. */
export async function benchChurnModels(bench: Bench): Promise<Measurement[]> {
  const log = await loadOrderLog();
  const few = readTenth(log.text);
  bench.say(`churn: ${few.length} customers of ${log.name}, ${manyCustomers} made up`);
  const many = makeHistories(manyCustomers);
  const measured = { few: [], grouping: [], grouped: [], ungrouped: [], scoring: [] } as {
    [measure: string]: number[];
  };
  const add = (measure: string, ms: number) => measured[measure]?.push(ms);
  const fewGroups = groupHistories(few);
  for (let run = 0; run < 3; run += 1) demandFit(fewGroups);
  for (let run = 0; run < bench.runs; run += 1) {
    add('few', time(() => demandFit(fewGroups)).ms);
    const { ms, value: groups } = time(() => groupHistories(many));
    add('grouping', ms);
    const fit = time(() => demandFit(groups));
    add('grouped', fit.ms);
    add('ungrouped', time(() => demandFit(many.map((one) => ({ ...one, count: 1 })))).ms);
    add('scoring', time(() => score(fit.value, many)).ms);
  }
  const distinct = groupHistories(many).length;
  return toMeasurements(measured, distinct);
}

function toMeasurements(measured: Record<string, number[]>, distinct: number): Measurement[] {
  const { few = [], grouping = [], grouped = [], ungrouped = [], scoring = [] } = measured;
  const ratios = ungrouped.map((ms, run) => ms / (grouped[run] ?? Number.NaN));
  return [
    line('fit of 2,357 customers, warm', few, { aim: { atMost: 50 } }),
    line('distinct histories among 1,000,000 customers', [distinct], { unit: '' }),
    line('grouping them', grouping),
    line('fit of the groups', grouped, { aim: { atMost: 4_000 } }),
    line('fit of single customers', ungrouped),
    line('single / grouped', ratios, { unit: '' }),
    line('P(alive), P(silent), crossing of 1,000,000', scoring, { aim: { atMost: 1_000 } }),
  ];
}

function time<T>(work: () => T): { ms: number; value: T } {
  const began = performance.now();
  const value = work();
  return { ms: performance.now() - began, value };
}

function demandFit(groups: readonly HistoryGroup[]) {
  const fit = mbgNbd.fit(groups);
  if (!fit.converged) throw new Error(fit.message);
  return fit.parameters;
}

/** Answers a sum, so that no score can be left out. */
function score(parameters: ReturnType<typeof demandFit>, histories: readonly PurchaseHistory[]) {
  let sum = 0;
  for (const history of histories) {
    sum += mbgNbd.pAlive(parameters, history);
    sum += mbgNbd.pSilent(parameters, history, horizon);
    sum += mbgNbd.aliveFallsTo(parameters, history, 0.5) ?? 0;
  }
  return sum;
}

/** Every tenth customer of the log, as they stood nine months after its first day. */
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
  86_400_000;

/**
 * Customers of MBG/NBD with r = a = 1, whose draws are exponentials and powers: one purchase in about 60 days,
 * a third lost after each, up to two years old and counted in whole days.
 */
function makeHistories(count: number): PurchaseHistory[] {
  const random = createRandom(7);
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
