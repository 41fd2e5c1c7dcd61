import { Prisma } from '../../../../prisma/generated/client.ts';
import type { RiskOrder } from '../../../engine/customers/search.ts';
import type { RiskModel } from '../risk/risk-model.ts';
import { rankSql, remainingSql, scoreSql } from './risk-sql.ts';

/** How to order customers `c` by their risk; without a model all are equal. */
export function riskOrder(model: RiskModel | null, now: Date): RiskOrder {
  const none = Prisma.sql`null::float8`;
  if (!model) return { now, score: () => none, valueAtRisk: () => none };
  const scopeAt = (at: Date) => ({
    at: Prisma.sql`${at}::timestamptz`,
    column: (name: string) => Prisma.raw(`c.${name}`),
  });
  return {
    now,
    score: (at) => rankSql(model, scopeAt(at)),
    valueAtRisk: (at) => Prisma.sql`(${scoreSql(model, scopeAt(at))}
      * ${remainingSql(model, scopeAt(at))} * (
      select r.lifetime_value from customer_risk r
      where r.workspace_id = c.workspace_id and r.customer_id = c.id))`,
  };
}
