import { emptySql, joinSql, type Sql, sql } from '../../platform/sql.ts';
import { type ClauseSql, startOfTime } from './clause.ts';
import {
  compareInstant,
  compareJson,
  compareNumber,
  matchesNumber,
  orFalse,
  singleEntry,
} from './compare.ts';
import type { DidCondition, NumberComparison } from './filter.ts';
import { type Span, shiftBySpan, toSpan } from './sql-time.ts';

/** Which events count, as a condition on the row `e`; the window is not part of it unless it is fixed. */
export function matchingEvents(
  { event, kind, where = [], window }: DidCondition,
  timeZone: string,
): Sql {
  const conditions = [
    sql`e.kind = ${(kind ?? 'TRACK').toLowerCase()}::text`,
    event.length === 1 ? sql`e.name = ${event[0]}::text` : sql`e.name = any(${event}::text[])`,
  ];
  for (const { name, is } of where) {
    const clause = compareJson(sql`(e.properties -> ${name}::text)`, is, timeZone);
    // The parser lets no relative time into a property's comparison.
    if ('steady' in clause) conditions.push(clause.steady);
  }
  if (window?.between) {
    const { from, to } = window.between;
    conditions.push(sql`e.occurred_at >= ${from}::timestamptz
      and e.occurred_at < ${to}::timestamptz`);
  }
  return joinSql(conditions, ' and ');
}

/** The window that moves with time, if there is one. */
export const rollingSpan = ({ window }: DidCondition, timeZone: string): Span | undefined =>
  window?.within === undefined ? undefined : toSpan(window.within, timeZone);

/** Still within the window at the instant: decided by when it leaves it. */
export const isInWindow = (at: Sql, span: Span, timeZone: string) => sql`
  e.occurred_at > ${at} - ${`${span.maxMs} milliseconds`}::interval
  and ${shiftBySpan(sql`e.occurred_at`, span, timeZone)} > ${at}`;

/** A count that some number of events meets or not: the steps at which the answer changes. */
export interface CountThresholds {
  /** Holds from this number of events on … */
  from: number;
  /** … and no more from this one on, if there is one. */
  below?: number;
  /** The other way round. */
  negated: boolean;
}

/** What a comparison of a count comes to. */
export function countThresholds(comparison: NumberComparison): CountThresholds {
  const [kind, operand] = singleEntry(comparison);
  switch (kind) {
    case 'atLeast':
      return { from: Math.ceil(operand), negated: false };
    case 'above':
      return { from: Math.floor(operand) + 1, negated: false };
    case 'below':
      return { from: Math.ceil(operand), negated: true };
    case 'atMost':
      return { from: Math.floor(operand) + 1, negated: true };
    case 'equals':
    case 'notEquals':
      return { ...exactly(operand), negated: kind === 'notEquals' };
    case 'between':
      return { from: Math.ceil(operand.from), below: Math.floor(operand.to) + 1, negated: false };
  }
}

const exactly = (count: number) =>
  Number.isInteger(count) ? { from: count, below: count + 1 } : { from: 1, below: 1 };

/** The clause of a count, where `end` says until when there are at least so many; null if there never were. */
export function countClause(
  { from, below, negated }: CountThresholds,
  end: (atLeast: number) => Sql,
): ClauseSql {
  const since = below === undefined ? startOfTime : sql`coalesce(${end(below)}, ${startOfTime})`;
  const counted = { since, until: end(from) };
  return negated ? { not: counted } : counted;
}

/** More events than this are not looked up one by one, but counted. */
export const maxEventLookups = 1_000;

/**
 * The measure as an aggregate over the matching rows `e`, to be compared by `compareMeasure`; with `over`
 * as a window function.
 */
export function measureSql(
  { measure = { count: { atLeast: 1 } } }: DidCondition,
  over: Sql = emptySql,
): Sql {
  const [kind, operand] = singleEntry(measure);
  if (kind === 'count') return sql`count(*) ${over}`;
  if (kind === 'first') return sql`min(e.occurred_at) ${over}`;
  if (kind === 'last') return sql`max(e.occurred_at) ${over}`;
  const value = sql`(e.properties -> ${operand.property}::text)`;
  if (kind === 'distinct') {
    return sql`count(distinct ${value})
      filter (where jsonb_typeof(${value}) in ('string', 'number', 'boolean'))`;
  }
  const number = sql`case when jsonb_typeof(${value}) = 'number' then (${value})::numeric end`;
  if (kind === 'sum') return sql`coalesce(sum(${number}) ${over}, 0)`;
  return kind === 'min' ? sql`min(${number}) ${over}` : sql`max(${number}) ${over}`;
}

/** Whether the measure of no events at all meets its comparison. */
export function matchesNoEvents({ measure = { count: { atLeast: 1 } } }: DidCondition): boolean {
  const [kind, operand] = singleEntry(measure);
  if (kind === 'count') return matchesZero(operand);
  if (kind === 'first' || kind === 'last') return operand.exists === false;
  return kind === 'sum' || kind === 'distinct' ? matchesZero(operand.is) : false;
}

export const matchesZero = (comparison: NumberComparison): boolean => matchesNumber(0, comparison);

/** Compares the measured value. */
export function compareMeasure(
  value: Sql,
  { measure = { count: { atLeast: 1 } } }: DidCondition,
  timeZone: string,
): ClauseSql {
  const [kind, operand] = singleEntry(measure);
  if (kind === 'first' || kind === 'last') return compareInstant(value, operand, timeZone);
  const comparison = kind === 'count' ? operand : operand.is;
  return { steady: orFalse(compareNumber(value, comparison)) };
}
