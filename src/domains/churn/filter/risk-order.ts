import { Prisma } from '../../../../prisma/generated/client.ts';
import type { MovingValue } from '../../../engine/customers/search.ts';
import type { RiskModel } from '../risk/risk-model.ts';
import { rankSql, remainingSql, scoreSql } from './risk-sql.ts';

const unassessed = Prisma.sql`null::float8`;

const scopeAt = (at: Date) => ({
  at: Prisma.sql`${at}::timestamptz`,
  column: (name: string) => Prisma.raw(`c.${name}`),
});

/** Orders customers `c` by their churn score, as a rank; without a model all are equal. */
export const byScore = (model: RiskModel | null, now: Date): MovingValue => ({
  now,
  valueAt: (at) => (model ? rankSql(model, scopeAt(at)) : unassessed),
});

/** Orders customers by the calibrated score times the lifetime value that remains. */
export const byValueAtRisk = (model: RiskModel | null, now: Date): MovingValue => ({
  now,
  valueAt: (at) =>
    model
      ? Prisma.sql`(${scoreSql(model, scopeAt(at))} * ${remainingSql(model, scopeAt(at))} * (
          select r.lifetime_value from customer_risk r
          where r.workspace_id = c.workspace_id and r.customer_id = c.id))`
      : unassessed,
});
