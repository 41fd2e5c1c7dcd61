import { rawSql, type Sql, sql } from '../../platform/sql.ts';

/**
 * The maximum of a sum of money in minor units. An event that would raise a sum beyond it is refused. A merge of
 * customers is not: their sum stays at the maximum. Amounts are never negative, so the result does not depend on their
 * order. Decision 0047.
 */
export const maxSum = 10n ** 18n - 1n;

export function addMoney(sum: bigint, amount: bigint): bigint {
  const total = sum + amount;
  return total > maxSum ? maxSum : total;
}

/** Limits a sum in SQL to the maximum. */
export const limitedSum = (sum: Sql): Sql =>
  sql`least(coalesce(${sum}, 0), ${rawSql(String(maxSum))})::bigint`;
