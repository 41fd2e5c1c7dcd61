import { currencyExponentSql } from '../../platform/minor-units.ts';
import { type Sql, sql } from '../../platform/sql.ts';
import { ownCurrencySql } from '../customers/fact-table.ts';
import { amountProperties } from '../records/record-kinds.ts';
import type { DidCondition, PropertyCondition } from './filter.ts';

/** A property of the row `e`, after corrections. */
export const propertySql = (name: string): Sql =>
  sql`(coalesce(e.corrected, e.properties) -> ${name}::text)`;

/**
 * A property of the row `e` as the number that sums, minima and maxima use, in major units; null without one. An
 * amount of a record has the decimals of its currency, as it counts in facts. Amounts in different currencies are
 * never measured together: those in the workspace's currency are, unless the condition requires another one.
 */
export function measuredNumber(
  property: string,
  condition: DidCondition,
  workspaceId: string,
): Sql {
  const number = sql`decimal_of(${propertySql(property)})`;
  if (!amountProperties().has(property)) return number;
  return sql`case when e.currency is null then ${number}
    when e.currency = ${measuredCurrency(condition, workspaceId)}
    then round(${number}, ${currencyExponentSql(sql`e.currency`)}) end`;
}

function measuredCurrency({ where = [] }: DidCondition, workspaceId: string): Sql {
  const named = where.flatMap(({ name, is }) => (name === 'currency' && onlyCode(is)) || [])[0];
  return named === undefined ? ownCurrencySql(workspaceId) : sql`${named}::text`;
}

/** The only currency that meets a comparison, if it is one. A client may send its code in any case. */
function onlyCode({ text }: PropertyCondition['is']): string | undefined {
  const values = text?.equals === undefined ? (text?.in ?? []) : [text.equals];
  const [code, ...others] = new Set(values.map((value) => value.toUpperCase()));
  return others.length === 0 ? code : undefined;
}
