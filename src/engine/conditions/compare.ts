import { type Sql, sql } from '../../platform/sql.ts';
import { type ClauseSql, endOfTime } from './clause.ts';
import type {
  InstantComparison,
  ListComparison,
  NumberComparison,
  PropertyCondition,
  TextComparison,
  TraitCondition,
} from './filter.ts';
import { shiftBySpan, toSpan } from './sql-time.ts';

/** The operator and the operand of a comparison, which has exactly one. */
export const singleEntry = <C extends object>(comparison: C) => {
  const [entry] = Object.entries(comparison).filter(([, operand]) => operand !== undefined);
  if (!entry) throw new Error('A comparison without an operand passed the parser');
  return entry as { [K in keyof C]-?: [K, NonNullable<C[K]>] }[keyof C];
};

const ordered = {
  equals: sql`=`,
  notEquals: sql`<>`,
  above: sql`>`,
  atLeast: sql`>=`,
  below: sql`<`,
  atMost: sql`<=`,
};

// Comparing an integer as `bigint` is cheaper.
const number = (value: number) =>
  Number.isSafeInteger(value) ? sql`${value}::bigint` : sql`${value}::numeric`;

/** Whether a number satisfies a comparison, computed in memory. */
export function matchesNumber(value: number, comparison: NumberComparison): boolean {
  const [kind, operand] = singleEntry(comparison);
  switch (kind) {
    case 'equals':
      return value === operand;
    case 'notEquals':
      return value !== operand;
    case 'above':
      return value > operand;
    case 'atLeast':
      return value >= operand;
    case 'below':
      return value < operand;
    case 'atMost':
      return value <= operand;
    case 'between':
      return operand.from <= value && value <= operand.to;
  }
}

/** Null if the value is null. */
export function compareNumber(value: Sql, comparison: NumberComparison): Sql {
  const [kind, operand] = singleEntry(comparison);
  if (kind === 'between') {
    return sql`${value} between ${number(operand.from)} and ${number(operand.to)}`;
  }
  return sql`${value} ${ordered[kind]} ${number(operand)}`;
}

/** Null if the value is null. */
export function compareText(value: Sql, comparison: TextComparison): Sql {
  const [kind, operand] = singleEntry(comparison);
  switch (kind) {
    case 'equals':
      return sql`${value} = ${operand}::text`;
    case 'notEquals':
      return sql`${value} <> ${operand}::text`;
    case 'in':
      return sql`${value} = any(${operand}::text[])`;
    case 'notIn':
      return sql`${value} <> all(${operand}::text[])`;
    case 'contains':
      return sql`position(${operand}::text in ${value}) > 0`;
    case 'startsWith':
      return sql`starts_with(${value}, ${operand}::text)`;
    case 'endsWith':
      return sql`right(${value}, length(${operand}::text)) = ${operand}::text`;
  }
}

export const orFalse = (truth: Sql) => sql`coalesce(${truth}, false)`;

export function compareInstant(
  value: Sql,
  comparison: InstantComparison,
  timeZone: string,
): ClauseSql {
  const [kind, operand] = singleEntry(comparison);
  switch (kind) {
    case 'before':
      return { steady: orFalse(sql`${value} < ${operand}::timestamptz`) };
    case 'after':
      return { steady: orFalse(sql`${value} > ${operand}::timestamptz`) };
    case 'between':
      return {
        steady: orFalse(sql`
          ${value} >= ${operand.from}::timestamptz and ${value} < ${operand.to}::timestamptz`),
      };
    case 'exists':
      return { steady: sql`((${value} is not null) = ${operand}::boolean)` };
    case 'withinLast':
      return { since: value, until: shiftBySpan(value, toSpan(operand, timeZone), timeZone) };
    case 'olderThan':
      return { since: shiftBySpan(value, toSpan(operand, timeZone), timeZone), until: endOfTime };
    case 'withinNext':
      return {
        since: shiftBySpan(value, toSpan(operand, timeZone), timeZone, 'earlier'),
        until: value,
      };
  }
}

const compareList = (value: Sql, comparison: ListComparison): Sql => {
  const [kind, operand] = singleEntry(comparison);
  const matches =
    kind === 'hasAny'
      ? sql`jsonb_exists_any(${value}, ${operand}::text[])`
      : sql`jsonb_exists_all(${value}, ${operand}::text[])`;
  return sql`case when jsonb_typeof(${value}) = 'array' then ${matches} else false end`;
};

/** Compares a JSON value. A comparison for another type is false. */
export function compareJson(
  value: Sql,
  comparison: TraitCondition['is'] | PropertyCondition['is'],
  timeZone: string,
): ClauseSql {
  const [kind, operand] = singleEntry(comparison as TraitCondition['is']);
  const asText = sql`(${value} #>> '{}')`;
  switch (kind) {
    case 'text':
      return {
        steady: orFalse(
          sql`(jsonb_typeof(${value}) = 'string' and ${compareText(asText, operand)})`,
        ),
      };
    case 'number':
      return {
        steady: orFalse(sql`case when jsonb_typeof(${value}) = 'number'
          then ${compareNumber(sql`(${value})::numeric`, operand)} end`),
      };
    case 'boolean':
      return { steady: orFalse(sql`${value} = to_jsonb(${operand}::boolean)`) };
    case 'list':
      return { steady: orFalse(compareList(value, operand)) };
    case 'exists':
      return {
        steady: sql`(coalesce(jsonb_typeof(${value}), 'null') <> 'null') = ${operand}::boolean`,
      };
    case 'date':
      return compareInstant(sql`told_instant(${value}, ${timeZone}::text)`, operand, timeZone);
  }
}

/** A bound in SQL, which may be infinite. */
const boundSql = (bound: number) => sql`${String(bound)}::float8`;

/** Whether a value is at least the bound; false if it is null. */
export const isAtLeast = (value: Sql, bound: number) =>
  sql`coalesce(${value} >= ${boundSql(bound)}, false)`;

/** Whether a value is within a range; false if it is null. */
export const isInRange = (value: Sql, { from, below }: NumberRange) =>
  sql`coalesce(${value} >= ${boundSql(from)} and ${value} < ${boundSql(below)}, false)`;

/** Numbers from `from` inclusive to `below` exclusive. Both may be infinite. */
export interface NumberRange {
  from: number;
  below: number;
}
