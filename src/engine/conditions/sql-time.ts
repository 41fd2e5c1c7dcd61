import { type Sql, sql } from '../../platform/sql.ts';
import { requireDuration } from '../../platform/time/duration.ts';
import { msPerDay } from '../../platform/time/ms-per-day.ts';

/** A duration in the calendar of a time zone. */
export interface Span {
  /** Months and days, added to the local time; null if exact time suffices. */
  calendar: string | null;
  exact: string;
  /** An upper bound in milliseconds, which limits how far back events are read. */
  maxMs: number;
}

export function toSpan(duration: string, timeZone: string): Span {
  const { months, days, ms } = requireDuration(duration);
  const atMost = months * 31 * msPerDay + (days + 2) * msPerDay + ms;
  if (months === 0 && (days === 0 || timeZone === 'UTC')) {
    return { calendar: null, exact: `${days * msPerDay + ms} milliseconds`, maxMs: atMost };
  }
  const calendar = `${months} months ${days} days`;
  return { calendar, exact: `${ms} milliseconds`, maxMs: atMost };
}

/** Adds the span to the instant, or subtracts it: first calendar units in the time zone, then exact time. */
export function shiftBySpan(
  instant: Sql,
  { calendar, exact }: Span,
  timeZone: string,
  direction: 'later' | 'earlier' = 'later',
): Sql {
  const sign = direction === 'later' ? sql`+` : sql`-`;
  if (calendar === null) return sql`(${instant} ${sign} ${exact}::interval)`;
  return sql`((${instant} at time zone ${timeZone}::text ${sign} ${calendar}::interval)
    at time zone ${timeZone}::text ${sign} ${exact}::interval)`;
}
