import { rawSql, type Sql, sql } from '../../platform/sql.ts';

/**
 * The maximum of a sum of money in minor units. Beyond it a sum stays at the maximum, so that one event cannot make its
 * batch fail. Amounts are never negative, so the result does not depend on their order.
 */
export const maxSum = 10n ** 18n - 1n;

export function addMoney(sum: bigint, amount: bigint): bigint {
  const total = sum + amount;
  return total > maxSum ? maxSum : total;
}

/** Limits a sum in SQL to the maximum. */
export const limitedSum = (sum: Sql): Sql =>
  sql`least(coalesce(${sum}, 0), ${rawSql(String(maxSum))})::bigint`;
