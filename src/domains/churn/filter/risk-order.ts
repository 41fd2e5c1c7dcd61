import type { TimeDependentValue } from '../../../engine/customers/search.ts';
import { rawSql, sql } from '../../../platform/sql.ts';
import type { RiskModel } from '../risk/risk-model.ts';
import { rankSql, remainingSql, scoreSql } from './risk-sql.ts';

const unassessed = sql`null::float8`;

const scopeAt = (at: Date) => ({
  at: sql`${at}::timestamptz`,
  column: (name: string) => rawSql(`c.${name}`),
});

/** Orders customers `c` by their churn score, as a rank; without a model all are equal. */
export const byScore = (model: RiskModel | null, now: Date): TimeDependentValue => ({
  now,
  valueAt: (at) => (model ? rankSql(model, scopeAt(at)) : unassessed),
});

/** Orders customers by the calibrated score times the lifetime value that remains. */
export const byValueAtRisk = (model: RiskModel | null, now: Date): TimeDependentValue => ({
  now,
  valueAt: (at) =>
    model
      ? sql`(${scoreSql(model, scopeAt(at))} * ${remainingSql(model, scopeAt(at))} * (
          select r.lifetime_value from customer_risk r
          where r.workspace_id = c.workspace_id and r.customer_id = c.id))`
      : unassessed,
});
