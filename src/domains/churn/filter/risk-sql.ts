import { Prisma } from '../../../../prisma/generated/client.ts';
import { compareNumber } from '../../../engine/conditions/compare.ts';
import type { ShareComparison } from '../../../engine/conditions/filter.ts';
import { InvalidFilter } from '../../../engine/conditions/invalid-filter.ts';
import type { FactColumn, Scope } from '../../../engine/conditions/scope.ts';
import { msPerDay } from '../../../platform/time/ms-per-day.ts';
import type { PurchaseRiskModel, RiskModel } from '../risk/risk-model.ts';
import { uncalibrate } from '../risk/score.ts';
import { type RiskCondition, rangeOf } from './risk-clause.ts';

/** The columns that a customer's activity is read from. */
const columnsOf = ({
  activity,
}: PurchaseRiskModel): Record<'days' | 'first' | 'last', FactColumn> =>
  activity === 'PURCHASES'
    ? { days: 'order_days', first: 'first_order_at', last: 'last_order_at' }
    : { days: 'active_days', first: 'first_seen_at', last: 'last_seen_at' };

/** The columns without any of which there is nothing to assess. */
export const columnsAssessed = (model: RiskModel): FactColumn[] =>
  model.mode === 'ACTIVITY'
    ? [columnsOf(model).last]
    : ['subscription_started_at', 'subscription_renewed_at'];

/** The activity as the four numbers that a course of purchases is read from; null without any. */
export function activitySql(
  model: PurchaseRiskModel,
  { column }: Pick<Scope, 'column'>,
): Prisma.Sql {
  const { days, first, last } = columnsOf(model);
  const ms = (name: FactColumn) => Prisma.sql`round(extract(epoch from ${column(name)}) * 1000)`;
  return Prisma.sql`case when ${column(days)} > 0 and ${column(last)} is not null
    then array[${column(days)} - 1, ${ms(first)}, ${ms(last)},
      ${column('gross_revenue')} - ${column('first_day_value')}]::float8[] end`;
}

/** The answer of `answerRisk` in SQL, of the customer `c` at the instant of the scope; false where there is no risk. */
export function riskHolds(
  { model, asks }: RiskCondition,
  scope: Pick<Scope, 'column' | 'at'>,
): Prisma.Sql {
  if ('value' in asks) {
    return Prisma.sql`coalesce((select ${compareNumber(Prisma.sql`r.lifetime_value`, asks.value)}
      from customer_risk r where r.workspace_id = c.workspace_id and r.customer_id = c.id), false)`;
  }
  if ('score' in asks) {
    return model.mode === 'ACTIVITY'
      ? isWithin(silentSql(model, scope), boundsOf(asks.score, rawBound(model)))
      : isWithin(steppedSql(scope), boundsOf(asks.score));
  }
  if ('pAlive' in asks) return isWithin(pAliveSql(model, scope), boundsOf(asks.pAlive));
  throw lookedUp();
}

const lookedUp = () =>
  new Error('Bands and flags are looked up where they are kept, not worked out');

/**
 * A risk of the past: a value within bounds that silence takes only one way.
 *
 * @throws InvalidFilter for what is not kept of the past
 */
export function pastRisk({ model, asks }: RiskCondition) {
  if ('value' in asks) {
    throw new InvalidFilter('lifetimeValue', 'the lifetime value is not kept of the past');
  }
  if (model.mode === 'SUBSCRIPTION') {
    throw new InvalidFilter(
      'risk',
      'the score of a subscriber is not kept of the past; ask for `band`',
    );
  }
  type At = Pick<Scope, 'column' | 'at'>;
  if ('score' in asks) {
    const bounds = boundsOf(asks.score, rawBound(model));
    return { bounds, value: (scope: At) => silentSql(model, scope) };
  }
  if (!('pAlive' in asks)) throw lookedUp();
  return { bounds: boundsOf(asks.pAlive), value: (scope: At) => aliveSql(model, scope) };
}

/** Of subscribers: the score of the last step up to the instant, as `storeRisks` has written them down. */
const steppedSql = ({ at }: Pick<Scope, 'at'>) => Prisma.sql`(
  select (step ->> 1)::float8 from customer_risk r, jsonb_array_elements(r.steps) as step
  where r.workspace_id = c.workspace_id and r.customer_id = c.id
    and (step ->> 0)::numeric <= extract(epoch from ${at}) * 1000
  order by (step ->> 0)::numeric desc limit 1)`;

const pAliveSql = (model: RiskModel, scope: Pick<Scope, 'column' | 'at'>) =>
  model.mode === 'ACTIVITY'
    ? aliveSql(model, scope)
    : Prisma.sql`(case when ${steppedSql(scope)} < 1 then 1 when ${steppedSql(scope)} = 1 then 0 end)`;

/** The score of the customer `c` at an instant; null for whoever is not assessed. */
export const scoreSql = (model: RiskModel, scope: Pick<Scope, 'column' | 'at'>): Prisma.Sql =>
  model.mode === 'ACTIVITY' ? calibratedSql(model, scope) : steppedSql(scope);

const rawBound = (model: PurchaseRiskModel) => (bound: number) => {
  if (bound <= 0) return Number.NEGATIVE_INFINITY;
  return bound >= 1 ? Number.POSITIVE_INFINITY : uncalibrate(model, bound);
};

interface Bounds {
  from: number;
  below: number;
}

function boundsOf(comparison: ShareComparison, toBound = (bound: number) => bound): Bounds {
  const { from, below } = rangeOf(comparison);
  return { from: toBound(from), below: toBound(below) };
}

/** A bound as SQL reads it, infinite ones included. */
const boundSql = (bound: number) => Prisma.sql`${String(bound)}::float8`;

/** Whether a value is at a bound or above it; false where there is none. */
export const reaches = (value: Prisma.Sql, bound: number) =>
  Prisma.sql`coalesce(${value} >= ${boundSql(bound)}, false)`;

export const isWithin = (value: Prisma.Sql, { from, below }: Bounds) =>
  Prisma.sql`coalesce(${value} >= ${boundSql(from)} and ${value} < ${boundSql(below)}, false)`;

/** Ages in days as in `historyAt`. */
function agesSql(model: PurchaseRiskModel, { column, at }: Pick<Scope, 'column' | 'at'>) {
  const { days, first, last } = columnsOf(model);
  const inDays = (until: Prisma.Sql, since: Prisma.Sql) =>
    Prisma.sql`(extract(epoch from ${until} - ${since})::float8 * 1000 / ${msPerDay}::float8)`;
  const x = Prisma.sql`(${column(days)} - 1)`;
  const tx = Prisma.sql`(case when ${x} = 0 then 0 else ${inDays(column(last), column(first))} end)`;
  const age = Prisma.sql`(${tx} + greatest(0, ${inDays(at, column(last))}))`;
  return { x, tx, age };
}

// exp() of anything farther from 0 is an error in SQL rather than 0 or infinity.
const bounded = (exponent: Prisma.Sql) => Prisma.sql`exp(greatest(-700, least(700, ${exponent})))`;

/** P(alive) of MBG/NBD. */
function aliveSql(model: PurchaseRiskModel, scope: Pick<Scope, 'column' | 'at'>): Prisma.Sql {
  const { r, alpha, a, b } = model.parameters;
  const { x, tx, age } = agesSql(model, scope);
  const silence = Prisma.sql`(${r}::float8 + ${x})
    * ln((${alpha}::float8 + ${age}) / (${alpha}::float8 + ${tx}))`;
  return Prisma.sql`(1 / (1 + ${a}::float8 / (${b}::float8 + ${x}) * ${bounded(silence)}))`;
}

/**
 * What is left by the silence since the last activity of a value expected just after it: P(alive) then and
 * now, and the rate of purchases that is still to be believed in. E[Y(t)] falls by these two, but for how
 * soon customers leave after coming purchases, which only an infinite series knows; orders can do without.
 */
export function remainingSql(model: RiskModel, scope: Pick<Scope, 'column' | 'at'>): Prisma.Sql {
  if (model.mode === 'SUBSCRIPTION') return Prisma.sql`1::float8`;
  const alpha = Prisma.sql`${model.parameters.alpha}::float8`;
  const { tx, age } = agesSql(model, scope);
  const then = { ...scope, at: scope.column(columnsOf(model).last) };
  return Prisma.sql`(${aliveSql(model, scope)} / ${aliveSql(model, then)}
    * (${alpha} + ${tx}) / (${alpha} + ${age}))`;
}

const nearlyCertain = 1e-15;

/** The calibrated score of the customer `c` at an instant; null for whoever was never active. */
export function calibratedSql(
  model: PurchaseRiskModel,
  scope: Pick<Scope, 'column' | 'at'>,
): Prisma.Sql {
  const { slope, intercept } = model.calibration;
  const raw = Prisma.sql`greatest(${nearlyCertain}::float8,
    least(1 - ${nearlyCertain}::float8, ${silentSql(model, scope)}))`;
  const logOdds = Prisma.sql`(${intercept}::float8 + ${slope}::float8 * ln(${raw} / (1 - ${raw})))`;
  return Prisma.sql`(1 / (1 + ${bounded(Prisma.sql`-${logOdds}`)}))`;
}

/** P(no activity within the horizon) of MBG/NBD, not calibrated: it ranks as the score does. */
function silentSql(model: PurchaseRiskModel, scope: Pick<Scope, 'column' | 'at'>): Prisma.Sql {
  const { r, alpha } = model.parameters;
  const { x, age } = agesSql(model, scope);
  const quiet = bounded(Prisma.sql`-(${r}::float8 + ${x})
    * ln(1 + ${model.horizonDays}::float8 / (${alpha}::float8 + ${age}))`);
  return Prisma.sql`(1 - ${aliveSql(model, scope)} * (1 - ${quiet}))`;
}

/** What ranks as the score does, and takes less to work out. */
export const rankSql = (model: RiskModel, scope: Pick<Scope, 'column' | 'at'>): Prisma.Sql =>
  model.mode === 'ACTIVITY' ? silentSql(model, scope) : steppedSql(scope);
