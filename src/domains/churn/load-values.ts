import type { Transaction } from '../../platform/database.ts';
import { rawSql, type Sql, sql } from '../../platform/sql.ts';
import type { SpendModel } from '../../statistics/models/spend-model.ts';
import { loadExpectedPayments, type ValueQuery } from './load-payments.ts';
import type { PurchaseRiskModel, RiskModel } from './risk/risk-model.ts';
import { discountedPurchaseCount, meanValueOf, valuedShare } from './risk/value.ts';

/** The historic and the expected value of customers, summed; money in minor units. */
export interface ValueSum {
  customers: number;
  /** Customers with an order, and those of them with an order in the workspace's currency. */
  buyers: number;
  ownBuyers: number;
  historic: bigint;
  /** Null without a model of spend. */
  predicted: number | null;
}

interface ValueGroup {
  x: number;
  tx: number;
  T: number;
  /** Days with an order in the workspace's currency. */
  valuedDays: number;
  /** Whether these customers spent on repeat purchases; otherwise the mean spend of all is expected. */
  isKnown: boolean;
  count: number;
  repeatValue: number;
}

/** Sums the lifetime values of customers. */
export async function loadLifetimeValues(
  db: Transaction,
  model: RiskModel | null,
  query: ValueQuery,
): Promise<ValueSum> {
  const sums = selectSums(db.workspaceId, query.condition);
  const { rows } = await db.query<Omit<ValueSum, 'historic'> & { historic: string }>(sums);
  const { customers = 0, buyers = 0, ownBuyers = 0, historic = '0' } = rows[0] ?? {};
  const predicted = await loadPredicted(db, model, query);
  return { customers, buyers, ownBuyers, historic: BigInt(historic), predicted };
}

async function loadPredicted(
  db: Transaction,
  model: RiskModel | null,
  query: ValueQuery,
): Promise<number | null> {
  if (model?.mode === 'SUBSCRIPTION') {
    return loadExpectedPayments(db, model, query);
  }
  if (!model?.spend || model.activity !== 'PURCHASES') return null;
  return loadExpectedSpend(db, { model, spend: model.spend }, query);
}

/**
 * Sums what customers are expected to spend. The database groups them by their history in whole days, and each
 * history is valued once, since the expectation is linear in past spend.
 */
async function loadExpectedSpend(
  db: Transaction,
  { model, spend }: { model: PurchaseRiskModel; spend: SpendModel },
  { condition, now, terms }: ValueQuery,
): Promise<number> {
  const { rows } = await db.query<ValueGroup>(selectGroups(db.workspaceId, { condition, now }));
  const expected = (group: ValueGroup) =>
    terms.margin *
    groupSpend(spend, group) *
    valuedShare(group) *
    discountedPurchaseCount(model, group, terms);
  return rows.reduce((sum, group) => sum + expected(group), 0);
}

/** The mean value of a future purchase, summed over the group: Gamma-Gamma is linear in past spend. */
const groupSpend = (spend: SpendModel, { valuedDays, isKnown, count, repeatValue }: ValueGroup) =>
  count * meanValueOf(spend, { valuedDays, repeatValue: isKnown ? repeatValue / count : 0 });

const selectSums = (workspaceId: string, condition: Sql) => sql`
  select count(*)::int as customers, (count(*) filter (where c.orders > 0))::int as buyers,
    (count(*) filter (where c.own_orders > 0))::int as "ownBuyers",
    coalesce(sum(c.gross_revenue - c.refunded), 0)::text as historic
  from customer c
  where c.workspace_id = ${workspaceId}::uuid and c.merged_into is null and ${condition}`;

const days = (until: Sql, since: string) =>
  sql`greatest(0, floor(extract(epoch from ${until} - ${rawSql(since)}) / 86400))::int`;

const selectGroups = (
  workspaceId: string,
  { condition, now }: Pick<ValueQuery, 'condition' | 'now'>,
) => sql`
  select x, tx, tx + silent as "T", "valuedDays", "isKnown", count(*)::int as count,
    sum("repeatValue")::float8 as "repeatValue"
  from (
    select c.order_days - 1 as x,
      case when c.order_days = 1 then 0
        else ${days(sql`c.last_order_at`, 'c.first_order_at')} end as tx,
      ${days(sql`${now}::timestamptz`, 'c.last_order_at')} as silent,
      c.own_order_days as "valuedDays",
      c.own_order_days > 1 and c.gross_revenue > c.first_day_value as "isKnown",
      c.gross_revenue - c.first_day_value as "repeatValue"
    from customer c
    where c.workspace_id = ${workspaceId}::uuid and c.merged_into is null and c.own_order_days > 0
      and ${condition}
  ) as history
  group by x, tx, silent, "valuedDays", "isKnown"`;
