import { rawSql, type Sql, sql } from '../../platform/sql.ts';

/**
 * Sums of money end here, in minor units: one event too many leaves the sum at its limit instead of failing everything that
 * came with it. Amounts are never negative, so neither their order nor their batches make a difference.
 */
export const maxSum = 10n ** 18n - 1n;

export function addMoney(sum: bigint, amount: bigint): bigint {
  const total = sum + amount;
  return total > maxSum ? maxSum : total;
}

/** The same in SQL, of a sum as PostgreSQL makes it. */
export const limitedSum = (sum: Sql): Sql =>
  sql`least(coalesce(${sum}, 0), ${rawSql(String(maxSum))})::bigint`;
