import { Prisma } from '../../prisma/generated/client.ts';
import type { Sql } from '../platform/database.ts';
import type { GammaGammaParameters } from './models/gamma-gamma.ts';
import { expectedValue } from './models/gamma-gamma.ts';
import type { PurchaseModel } from './risk/risk-model.ts';
import { purchasesWorth, type ValueTerms } from './risk/value.ts';

/** What customers brought and are expected to bring, together; money in minor units. */
export interface ValueSum {
  customers: number;
  /** Those of them who ordered. */
  buyers: number;
  historic: bigint;
  /** Null without a model that knows what customers spend. */
  predicted: number | null;
}

interface ValueGroup {
  x: number;
  tx: number;
  T: number;
  /** Customers who came back and brought something by it; of the others the mean of all is expected. */
  isKnown: boolean;
  count: number;
  repeatValue: number;
}

interface Asked {
  /** A condition on the row `c` of `customer`. */
  holds: Prisma.Sql;
  now: Date;
  terms: ValueTerms;
}

/**
 * Sums up the lifetime value of customers: they are grouped in the database by their history in whole days,
 * and each history is valued once, for what is expected is linear in what customers brought.
 */
export async function loadValues(
  sql: Sql,
  workspaceId: string,
  model: PurchaseModel | null,
  { holds, now, terms }: Asked,
): Promise<ValueSum> {
  const sums = selectSums(workspaceId, holds);
  const { rows } = await sql.query<{ customers: number; buyers: number; historic: string }>(
    sums.text,
    sums.values,
  );
  const { customers = 0, buyers = 0, historic = '0' } = rows[0] ?? {};
  const sum = { customers, buyers, historic: BigInt(historic) };
  if (!model?.spend || model.activity !== 'PURCHASES') return { ...sum, predicted: null };
  const { text, values } = selectGroups(workspaceId, { holds, now });
  const groups = await sql.query<ValueGroup>(text, values);
  const { spend } = model;
  const predicted = groups.rows.reduce(
    (total, group) =>
      total + terms.margin * spendOf(spend, group) * purchasesWorth(model, group, terms),
    0,
  );
  return { ...sum, predicted };
}

/** The mean value of a coming purchase, summed over the group: Gamma-Gamma is linear in what was spent. */
function spendOf(spend: GammaGammaParameters, { x, isKnown, count, repeatValue }: ValueGroup) {
  if (!isKnown) return count * expectedValue(spend, { x: 0, m: null });
  return count * expectedValue(spend, { x, m: repeatValue / count / x });
}

const selectSums = (workspaceId: string, holds: Prisma.Sql) => Prisma.sql`
  select count(*)::int as customers, (count(*) filter (where c.orders > 0))::int as buyers,
    coalesce(sum(c.gross_revenue - c.refunded), 0)::text as historic
  from customer c
  where c.workspace_id = ${workspaceId}::uuid and c.merged_into is null and ${holds}`;

const days = (until: Prisma.Sql, since: string) =>
  Prisma.sql`greatest(0, floor(extract(epoch from ${until} - ${Prisma.raw(since)}) / 86400))::int`;

const selectGroups = (
  workspaceId: string,
  { holds, now }: Pick<Asked, 'holds' | 'now'>,
) => Prisma.sql`
  select x, tx, tx + silent as "T", "isKnown", count(*)::int as count,
    sum("repeatValue")::float8 as "repeatValue"
  from (
    select c.order_days - 1 as x,
      case when c.order_days = 1 then 0
        else ${days(Prisma.sql`c.last_order_at`, 'c.first_order_at')} end as tx,
      ${days(Prisma.sql`${now}::timestamptz`, 'c.last_order_at')} as silent,
      c.order_days > 1 and c.gross_revenue > c.first_day_value as "isKnown",
      c.gross_revenue - c.first_day_value as "repeatValue"
    from customer c
    where c.workspace_id = ${workspaceId}::uuid and c.merged_into is null and c.order_days > 0
      and ${holds}
  ) as history
  group by x, tx, silent, "isKnown"`;
