import { compareNumber, type NumberRange } from '../../../engine/conditions/compare.ts';
import type { NumberComparison } from '../../../engine/conditions/filter.ts';
import type { ConditionScope } from '../../../engine/conditions/scope.ts';
import { type Sql, sql } from '../../../platform/sql.ts';
import { msPerDay } from '../../../platform/time/ms-per-day.ts';
import type { PurchaseRiskModel, RiskModel } from '../risk/risk-model.ts';
import { uncalibrate } from '../risk/score.ts';

/** The columns that a customer's activity is read from. */
const columnsOf = ({ activity }: PurchaseRiskModel): Record<'days' | 'first' | 'last', string> =>
  activity === 'PURCHASES'
    ? { days: 'order_days', first: 'first_order_at', last: 'last_order_at' }
    : { days: 'active_days', first: 'first_seen_at', last: 'last_seen_at' };

/** The columns without any of which there is nothing to assess. */
export const assessedColumns = (model: RiskModel): string[] =>
  model.mode === 'ACTIVITY'
    ? [columnsOf(model).last]
    : ['subscription_started_at', 'subscription_renewed_at'];

/** The activity as the five numbers that a purchase trajectory needs; null without activity. */
export function activitySql(
  model: PurchaseRiskModel,
  { column }: Pick<ConditionScope, 'column'>,
): Sql {
  const { days, first, last } = columnsOf(model);
  const ms = (name: string) => sql`round(extract(epoch from ${column(name)}) * 1000)`;
  return sql`case when ${column(days)} > 0 and ${column(last)} is not null
    then array[${column(days)} - 1, ${ms(first)}, ${ms(last)}, ${column('own_order_days')},
      ${column('gross_revenue')} - ${column('first_day_value')}]::float8[] end`;
}

/** Whether the lifetime value of the customer `c` meets a comparison; false where there is none. */
export const compareLifetimeValue = (comparison: NumberComparison): Sql =>
  sql`coalesce((select ${compareNumber(sql`r.lifetime_value`, comparison)}
    from customer_risk r where r.workspace_id = c.workspace_id and r.customer_id = c.id), false)`;

/** Of subscribers: the score of the last step up to the instant, as `storeRisks` writes them. */
export const steppedSql = ({ at }: Pick<ConditionScope, 'at'>) => sql`(
  select (step ->> 1)::float8 from customer_risk r, jsonb_array_elements(r.steps) as step
  where r.workspace_id = c.workspace_id and r.customer_id = c.id
    and (step ->> 0)::numeric <= extract(epoch from ${at}) * 1000
  order by (step ->> 0)::numeric desc limit 1)`;

export const pAliveSql = (model: RiskModel, scope: Pick<ConditionScope, 'column' | 'at'>) =>
  model.mode === 'ACTIVITY'
    ? aliveSql(model, scope)
    : sql`(case when ${steppedSql(scope)} < 1 then 1 when ${steppedSql(scope)} = 1 then 0 end)`;

/** The score of the customer `c` at an instant; null for unassessed customers. */
export const scoreSql = (model: RiskModel, scope: Pick<ConditionScope, 'column' | 'at'>): Sql =>
  model.mode === 'ACTIVITY' ? calibratedSql(model, scope) : steppedSql(scope);

/** The range of the raw score where the calibrated one is within a range. */
export function uncalibratedRange(
  model: PurchaseRiskModel,
  { from, below }: NumberRange,
): NumberRange {
  const toRaw = (bound: number) => {
    if (bound <= 0) return Number.NEGATIVE_INFINITY;
    return bound >= 1 ? Number.POSITIVE_INFINITY : uncalibrate(model, bound);
  };
  return { from: toRaw(from), below: toRaw(below) };
}

/** Ages in days as in `historyAt`. */
function agesSql(model: PurchaseRiskModel, { column, at }: Pick<ConditionScope, 'column' | 'at'>) {
  const { days, first, last } = columnsOf(model);
  const inDays = (until: Sql, since: Sql) =>
    sql`(extract(epoch from ${until} - ${since})::float8 * 1000 / ${msPerDay}::float8)`;
  const x = sql`(${column(days)} - 1)`;
  const tx = sql`(case when ${x} = 0 then 0 else ${inDays(column(last), column(first))} end)`;
  const age = sql`(${tx} + greatest(0, ${inDays(at, column(last))}))`;
  return { x, tx, age };
}

// exp() of anything farther from 0 is an error in SQL rather than 0 or infinity.
const bounded = (exponent: Sql) => sql`exp(greatest(-700, least(700, ${exponent})))`;

/** P(alive) of MBG/NBD. */
function aliveSql(model: PurchaseRiskModel, scope: Pick<ConditionScope, 'column' | 'at'>): Sql {
  const { r, alpha, a, b } = model.parameters;
  const { x, tx, age } = agesSql(model, scope);
  const silence = sql`(${r}::float8 + ${x})
    * ln((${alpha}::float8 + ${age}) / (${alpha}::float8 + ${tx}))`;
  return sql`(1 / (1 + ${a}::float8 / (${b}::float8 + ${x}) * ${bounded(silence)}))`;
}

/**
 * What is left by the silence since the last activity of a value expected just after it: P(alive) then and
 * now, and the rate of purchases that is still to be believed in. E[Y(t)] falls by these two, but for how
 * soon customers leave after coming purchases, which only an infinite series knows; orders can do without.
 */
export function remainingSql(model: RiskModel, scope: Pick<ConditionScope, 'column' | 'at'>): Sql {
  if (model.mode === 'SUBSCRIPTION') return sql`1::float8`;
  const alpha = sql`${model.parameters.alpha}::float8`;
  const { tx, age } = agesSql(model, scope);
  const then = { ...scope, at: scope.column(columnsOf(model).last) };
  return sql`(${aliveSql(model, scope)} / ${aliveSql(model, then)}
    * (${alpha} + ${tx}) / (${alpha} + ${age}))`;
}

const nearlyCertain = 1e-15;

/** The calibrated score of the customer `c` at an instant; null for customers that were never active. */
export function calibratedSql(
  model: PurchaseRiskModel,
  scope: Pick<ConditionScope, 'column' | 'at'>,
): Sql {
  const { slope, intercept } = model.calibration;
  const raw = sql`greatest(${nearlyCertain}::float8,
    least(1 - ${nearlyCertain}::float8, ${silentSql(model, scope)}))`;
  const logOdds = sql`(${intercept}::float8 + ${slope}::float8 * ln(${raw} / (1 - ${raw})))`;
  return sql`(1 / (1 + ${bounded(sql`-${logOdds}`)}))`;
}

/** P(no activity within the horizon) of MBG/NBD, not calibrated: it ranks as the score does. */
export function silentSql(
  model: PurchaseRiskModel,
  scope: Pick<ConditionScope, 'column' | 'at'>,
): Sql {
  const { r, alpha } = model.parameters;
  const { x, age } = agesSql(model, scope);
  const quiet = bounded(sql`-(${r}::float8 + ${x})
    * ln(1 + ${model.horizonDays}::float8 / (${alpha}::float8 + ${age}))`);
  return sql`(1 - ${aliveSql(model, scope)} * (1 - ${quiet}))`;
}

/** What ranks as the score does, and takes less to work out. */
export const rankSql = (model: RiskModel, scope: Pick<ConditionScope, 'column' | 'at'>): Sql =>
  model.mode === 'ACTIVITY' ? silentSql(model, scope) : steppedSql(scope);
