import type { Transaction } from '../../platform/database.ts';
import { rawSql, type Sql, sql } from '../../platform/sql.ts';
import { msPerDay } from '../../platform/time/ms-per-day.ts';
import { scoreSql } from './filter/risk-sql.ts';
import { discountedRenewalCount } from './risk/renewal-value.ts';
import type { RiskModel } from './risk/risk-model.ts';
import type { ValueTerms } from './risk/value.ts';

const hourMs = 3_600_000;

/** Subscribers of one plan and period with the same number of renewals and the same due date. */
interface PaymentGroup {
  plan: string | null;
  renewals: number;
  /** In ms. */
  period: number;
  /** Days until the next renewal, rounded up; negative once it is overdue. */
  days: number;
  /** The sum of each price times the probability of the next renewal. */
  paid: number;
}

/** The customers, the instant and the terms of a sum of lifetime values. */
export interface ValueQuery {
  /** An SQL condition on the row `c` of `customer`. */
  condition: Sql;
  now: Date;
  terms: ValueTerms;
}

/**
 * Sums the expected payments of subscribers within a horizon, in minor units. The database groups them and each
 * group is valued once, since `renewalValue` is linear in the price and the chance of the next renewal. Null if
 * no price is known.
 */
export async function loadExpectedPayments(
  db: Transaction,
  model: Extract<RiskModel, { mode: 'SUBSCRIPTION' }>,
  { condition, now, terms }: ValueQuery,
): Promise<number | null> {
  const { rows } = await db.query<PaymentGroup>(
    selectGroups(db.workspaceId, { condition, now, model }),
  );
  if (rows.length === 0) return null;
  const at = now.getTime();
  const worth = ({ plan, renewals, period, days }: PaymentGroup) => {
    const periodEnd = at + days * msPerDay;
    const due = { plan, renewals, periodStart: periodEnd - period, periodEnd };
    return discountedRenewalCount(due, { baseline: model.baseline, at }, terms);
  };
  return rows.reduce((sum, group) => sum + terms.margin * group.paid * worth(group), 0);
}

const selectGroups = (
  workspaceId: string,
  { condition, now, model }: Pick<ValueQuery, 'condition' | 'now'> & { model: RiskModel },
) => sql`
  select plan, renewals, days, sum(price * (1 - score))::float8 as paid,
    case when length < ${msPerDay}::float8 then length
      else round(length / ${hourMs}::float8) * ${hourMs}::float8 end as period
  from (
    select p.plan, p.renewals, p.price, p."periodEnd" - p."periodStart" as length,
      ceil((p."periodEnd" - ${now.getTime()}::float8) / ${msPerDay}::float8)::int as days,
      ${scoreSql(model, { at: sql`${now}::timestamptz`, column: (name) => rawSql(`c.${name}`) })} as score
    from customer c
    join customer_risk r on r.workspace_id = c.workspace_id and r.customer_id = c.id
    cross join jsonb_to_record(r.payments) as p(plan text, renewals integer,
      "periodStart" float8, "periodEnd" float8, price float8)
    where c.workspace_id = ${workspaceId}::uuid and c.merged_into is null
      and r.payments is not null and ${condition}
  ) as known
  where score is not null
  group by plan, renewals, days, period`;
