import { type Sql, sql } from '../../platform/sql.ts';
import { requireDuration } from '../../platform/time/duration.ts';
import { msPerDay } from '../../platform/time/ms-per-day.ts';

/** A duration in the calendar of a time zone. */
export interface Span {
  /** Months and days, added to the local time; null where exact time will do. */
  calendar: string | null;
  exact: string;
  /** Milliseconds that are surely no less than the span: to look no further into the past than needed. */
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

/** `instant` and the span later (or earlier): the day's time in the zone is kept, then exact time added. */
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
