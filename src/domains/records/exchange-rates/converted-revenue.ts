import { familyOf } from '../../../engine/customers/family.ts';
import type { Tx } from '../../../platform/database.ts';
import { sql } from '../../../platform/sql.ts';
import { convertSql, rateSql } from './rate-sql.ts';

/** The orders and refunds of a customer in all currencies, in minor units of the workspace's. */
export interface ConvertedRevenue {
  gross: bigint;
  refunded: bigint;
  /** The currencies without a rate for the day of some order; without a rate an amount is not in the sums. */
  missingRates: string[];
}

interface ConvertedRow {
  ownerId: string;
  gross: string;
  refunded: string;
  missingRates: string[];
}

/**
 * Converts the orders and refunds of customers, including those of customers merged into them, in one statement. An
 * order is converted at the rate of its day, and so are its refunds, so that an order given back leaves nothing. Sums
 * are rounded once, half up.
 */
export async function loadConvertedRevenue(
  tx: Tx,
  workspaceId: string,
  { owners, knownAt }: { owners: readonly string[]; knownAt: Date },
): Promise<Map<string, ConvertedRevenue>> {
  const day = sql`(coalesce(o.placed_at, e.occurred_at) at time zone w.time_zone)::date`;
  const rate = rateSql({ workspaceId, currency: sql`e.currency`, day, knownAt });
  const [from, to] = [sql`e.currency`, sql`w.currency`];
  const rows = await tx.$queryRaw<ConvertedRow[]>`
    select converted."ownerId",
      coalesce(round(sum(converted.amount) filter (where converted.effect = 'order')), 0)::text as gross,
      coalesce(round(sum(converted.amount) filter (where converted.effect = 'refund')), 0)::text as refunded,
      coalesce(array_agg(distinct converted.currency) filter (where converted.amount is null), '{}')
        as "missingRates"
    from (
      select owner.id as "ownerId", e.effect, e.currency,
        case when e.currency = w.currency then e.amount
          else ${convertSql(sql`e.amount`, { rate, from, to })} end as amount
      from unnest(${owners}::uuid[]) as owner (id)
      join workspace w on w.id = ${workspaceId}::uuid
      cross join lateral ${familyOf(workspaceId, sql`owner.id`)} as member
      join event e on e.workspace_id = w.id and e.customer_id = member.id
        and e.effect in ('order', 'refund') and e.amount is not null
      left join customer_order o on e.effect = 'refund' and o.workspace_id = w.id
        and o.id = btrim(e.properties ->> 'order_id')
    ) as converted
    group by converted."ownerId"`;
  return new Map(rows.map(({ ownerId, ...sums }) => [ownerId, toRevenue(sums)]));
}

const toRevenue = ({ gross, refunded, missingRates }: Omit<ConvertedRow, 'ownerId'>) => ({
  gross: BigInt(gross),
  refunded: BigInt(refunded),
  missingRates,
});
