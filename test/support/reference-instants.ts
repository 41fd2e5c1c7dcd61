import type { InstantComparison } from '../../src/engine/conditions/filter.ts';
import { shift } from './reference-calendar.ts';

/** When and in which zone something is asked. */
export interface Asked {
  at: number;
  timeZone: string;
}

/** An instant x that may be absent, as asked at another one. */
export function meetsInstant(
  x: number | undefined,
  asked: InstantComparison,
  { at, timeZone }: Asked,
): boolean {
  if (asked.exists !== undefined) return (x !== undefined) === asked.exists;
  if (x === undefined) return false;
  if (asked.before !== undefined) return x < Date.parse(asked.before);
  if (asked.after !== undefined) return x > Date.parse(asked.after);
  if (asked.between) return Date.parse(asked.between.from) <= x && x < Date.parse(asked.between.to);
  if (asked.withinLast !== undefined) return x <= at && at < shift(x, asked.withinLast, timeZone);
  if (asked.olderThan !== undefined) return shift(x, asked.olderThan, timeZone) <= at;
  return shift(x, asked.withinNext ?? '', timeZone, -1) <= at && at < x;
}

/** When such an answer may change. */
export function instantCriticals(x: number, asked: InstantComparison, timeZone: string): number[] {
  const span = asked.withinLast ?? asked.olderThan ?? asked.withinNext;
  if (span === undefined) return [];
  return [x, shift(x, span, timeZone), shift(x, span, timeZone, -1)];
}
