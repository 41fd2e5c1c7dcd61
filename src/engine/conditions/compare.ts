import { Prisma } from '../../../prisma/generated/client.ts';
import { always, type ClauseSql } from './clause.ts';
import type {
  InstantComparison,
  ListComparison,
  NumberComparison,
  PropertyCondition,
  TextComparison,
  TraitCondition,
} from './filter.ts';
import { shifted, toSpan } from './sql-time.ts';

/** Exactly one comparison is given: what it is and what to compare with. */
export const given = <C extends object>(comparison: C) => {
  const [entry] = Object.entries(comparison).filter(([, operand]) => operand !== undefined);
  if (!entry) throw new Error('A comparison without an operand passed the parser');
  return entry as { [K in keyof C]-?: [K, NonNullable<C[K]>] }[keyof C];
};

const ordered = {
  equals: Prisma.sql`=`,
  notEquals: Prisma.sql`<>`,
  above: Prisma.sql`>`,
  atLeast: Prisma.sql`>=`,
  below: Prisma.sql`<`,
  atMost: Prisma.sql`<=`,
};

// An integer against integers is compared by the cheaper type.
const number = (value: number) =>
  Number.isSafeInteger(value) ? Prisma.sql`${value}::bigint` : Prisma.sql`${value}::numeric`;

/** Whether a number meets a comparison, without asking SQL. */
export function meetsNumber(value: number, comparison: NumberComparison): boolean {
  const [kind, operand] = given(comparison);
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

/** Null where the value is. */
export function compareNumber(value: Prisma.Sql, comparison: NumberComparison): Prisma.Sql {
  const [kind, operand] = given(comparison);
  if (kind === 'between') {
    return Prisma.sql`${value} between ${number(operand.from)} and ${number(operand.to)}`;
  }
  return Prisma.sql`${value} ${ordered[kind]} ${number(operand)}`;
}

/** Null where the value is. */
export function compareText(value: Prisma.Sql, comparison: TextComparison): Prisma.Sql {
  const [kind, operand] = given(comparison);
  switch (kind) {
    case 'equals':
      return Prisma.sql`${value} = ${operand}::text`;
    case 'notEquals':
      return Prisma.sql`${value} <> ${operand}::text`;
    case 'in':
      return Prisma.sql`${value} = any(${operand}::text[])`;
    case 'notIn':
      return Prisma.sql`${value} <> all(${operand}::text[])`;
    case 'contains':
      return Prisma.sql`position(${operand}::text in ${value}) > 0`;
    case 'startsWith':
      return Prisma.sql`starts_with(${value}, ${operand}::text)`;
    case 'endsWith':
      return Prisma.sql`right(${value}, length(${operand}::text)) = ${operand}::text`;
  }
}

export const known = (truth: Prisma.Sql) => Prisma.sql`coalesce(${truth}, false)`;

export function compareInstant(
  value: Prisma.Sql,
  comparison: InstantComparison,
  timeZone: string,
): ClauseSql {
  const [kind, operand] = given(comparison);
  switch (kind) {
    case 'before':
      return { steady: known(Prisma.sql`${value} < ${operand}::timestamptz`) };
    case 'after':
      return { steady: known(Prisma.sql`${value} > ${operand}::timestamptz`) };
    case 'between':
      return {
        steady: known(
          Prisma.sql`${value} >= ${operand.from}::timestamptz and ${value} < ${operand.to}::timestamptz`,
        ),
      };
    case 'exists':
      return { steady: Prisma.sql`((${value} is not null) = ${operand}::boolean)` };
    case 'withinLast':
      return { since: value, until: shifted(value, toSpan(operand, timeZone), timeZone) };
    case 'olderThan':
      return { since: shifted(value, toSpan(operand, timeZone), timeZone), until: always };
    case 'withinNext':
      return {
        since: shifted(value, toSpan(operand, timeZone), timeZone, 'earlier'),
        until: value,
      };
  }
}

const compareList = (value: Prisma.Sql, comparison: ListComparison): Prisma.Sql => {
  const [kind, operand] = given(comparison);
  const meets =
    kind === 'hasAny'
      ? Prisma.sql`jsonb_exists_any(${value}, ${operand}::text[])`
      : Prisma.sql`jsonb_exists_all(${value}, ${operand}::text[])`;
  return Prisma.sql`case when jsonb_typeof(${value}) = 'array' then ${meets} else false end`;
};

/** A value as it was told, in JSON: it meets a comparison of its own type only. */
export function compareTold(
  value: Prisma.Sql,
  comparison: TraitCondition['is'] | PropertyCondition['is'],
  timeZone: string,
): ClauseSql {
  const [kind, operand] = given(comparison as TraitCondition['is']);
  const asText = Prisma.sql`(${value} #>> '{}')`;
  switch (kind) {
    case 'text':
      return {
        steady: known(
          Prisma.sql`(jsonb_typeof(${value}) = 'string' and ${compareText(asText, operand)})`,
        ),
      };
    case 'number':
      return {
        steady: known(Prisma.sql`case when jsonb_typeof(${value}) = 'number'
          then ${compareNumber(Prisma.sql`(${value})::numeric`, operand)} end`),
      };
    case 'boolean':
      return { steady: known(Prisma.sql`${value} = to_jsonb(${operand}::boolean)`) };
    case 'list':
      return { steady: known(compareList(value, operand)) };
    case 'exists':
      return {
        steady: Prisma.sql`(coalesce(jsonb_typeof(${value}), 'null') <> 'null') = ${operand}::boolean`,
      };
    case 'date':
      return compareInstant(
        Prisma.sql`told_instant(${value}, ${timeZone}::text)`,
        operand,
        timeZone,
      );
  }
}

/** A bound as SQL reads it, infinite ones included. */
const boundSql = (bound: number) => Prisma.sql`${String(bound)}::float8`;

/** Whether a value is at a bound or above it; false where there is none. */
export const reaches = (value: Prisma.Sql, bound: number) =>
  Prisma.sql`coalesce(${value} >= ${boundSql(bound)}, false)`;

/** Whether a value is within a range; false where there is none. */
export const isInRange = (value: Prisma.Sql, { from, below }: NumberRange) =>
  Prisma.sql`coalesce(${value} >= ${boundSql(from)} and ${value} < ${boundSql(below)}, false)`;

/** Numbers from one on and below the other, either of which may be infinite. */
export interface NumberRange {
  from: number;
  below: number;
}
