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
import { measuredNumber, propertySql } from './measured-number.ts';
import { type Span, shiftBySpan, toSpan } from './sql-time.ts';

/** Whether the event `e` counts at the instant, although it may have been taken back since. */
export const countsAt = (at: Sql): Sql => sql`(e.counts or e.counted_until > ${at})`;

/**
 * The condition on the row `e` for the matching events, including a fixed window but not a rolling one.
 *
 * @param counts whether the event counts; at present by default
 */
export function matchingEvents(
  { event, kind, where = [], window }: DidCondition,
  timeZone: string,
  counts: Sql = sql`e.counts`,
): Sql {
  const conditions = [
    sql`${counts} and e.kind = ${(kind ?? 'TRACK').toLowerCase()}::text`,
    event.length === 1 ? sql`e.name = ${event[0]}::text` : sql`e.name = any(${event}::text[])`,
  ];
  for (const { name, is } of where) {
    const clause = compareJson(propertySql(name), is, timeZone);
    // The parser refuses relative times in comparisons of properties.
    if ('steady' in clause) conditions.push(clause.steady);
  }
  if (window?.between) {
    const { from, to } = window.between;
    conditions.push(sql`e.occurred_at >= ${from}::timestamptz
      and e.occurred_at < ${to}::timestamptz`);
  }
  return joinSql(conditions, ' and ');
}

/** The rolling window; undefined if there is none. */
export const rollingSpan = ({ window }: DidCondition, timeZone: string): Span | undefined =>
  window?.within === undefined ? undefined : toSpan(window.within, timeZone);

/** Whether the event `e` is in the window at the instant. The last line decides; the first one uses the index. */
export const isInWindow = (at: Sql, span: Span, timeZone: string) => sql`
  e.occurred_at > ${at} - ${`${span.maxMs} milliseconds`}::interval
  and ${shiftBySpan(sql`e.occurred_at`, span, timeZone)} > ${at}`;

/** The numbers of events at which the answer of a comparison changes. */
export interface CountThresholds {
  /** The comparison is true from this number of events … */
  from: number;
  /** … and false again from this one. */
  below?: number;
  /** Swaps true and false. */
  negated: boolean;
}

/** Converts a comparison of a count to thresholds. */
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

/** The clause of a count. `end` is the time until which there are at least that many events; null for never. */
export function countClause(
  { from, below, negated }: CountThresholds,
  end: (atLeast: number) => Sql,
): ClauseSql {
  const since = below === undefined ? startOfTime : sql`coalesce(${end(below)}, ${startOfTime})`;
  const counted = { since, until: end(from) };
  return negated ? { not: counted } : counted;
}

/** Beyond this number, events are counted instead of looked up one by one. */
export const maxEventLookups = 1_000;

/**
 * The measure as an aggregate of the matching rows `e`, or as a window function if `over` is given. Compare it with
 * `compareMeasure`.
 */
export function measureSql(
  condition: DidCondition,
  { workspaceId, over = emptySql }: { workspaceId: string; over?: Sql },
): Sql {
  const { measure = { count: { atLeast: 1 } } } = condition;
  const [kind, operand] = singleEntry(measure);
  if (kind === 'count') return sql`count(*) ${over}`;
  if (kind === 'first') return sql`min(e.occurred_at) ${over}`;
  if (kind === 'last') return sql`max(e.occurred_at) ${over}`;
  if (kind === 'distinct') {
    const value = propertySql(operand.property);
    return sql`count(distinct ${value})
      filter (where jsonb_typeof(${value}) in ('string', 'number', 'boolean'))`;
  }
  const number = measuredNumber(operand.property, condition, workspaceId);
  if (kind === 'sum') return sql`coalesce(sum(${number}) ${over}, 0)`;
  return kind === 'min' ? sql`min(${number}) ${over}` : sql`max(${number}) ${over}`;
}

/** Whether the condition holds for a customer without matching events. */
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
