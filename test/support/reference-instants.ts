import type { InstantComparison } from '../../src/engine/conditions/filter.ts';
import { shift } from './reference-calendar.ts';

/** The instant and time zone of an evaluation. */
export interface EvaluationTime {
  at: number;
  timeZone: string;
}

/** Compares an optional instant x at the instant of evaluation. */
export function matchesInstant(
  x: number | undefined,
  comparison: InstantComparison,
  { at, timeZone }: EvaluationTime,
): boolean {
  if (comparison.exists !== undefined) return (x !== undefined) === comparison.exists;
  if (x === undefined) return false;
  if (comparison.before !== undefined) return x < Date.parse(comparison.before);
  if (comparison.after !== undefined) return x > Date.parse(comparison.after);
  if (comparison.between)
    return Date.parse(comparison.between.from) <= x && x < Date.parse(comparison.between.to);
  if (comparison.withinLast !== undefined)
    return x <= at && at < shift(x, comparison.withinLast, timeZone);
  if (comparison.olderThan !== undefined) return shift(x, comparison.olderThan, timeZone) <= at;
  return shift(x, comparison.withinNext ?? '', timeZone, -1) <= at && at < x;
}

/** The instants at which the answer may change. */
export function comparisonCriticalInstants(
  x: number,
  comparison: InstantComparison,
  timeZone: string,
): number[] {
  const span = comparison.withinLast ?? comparison.olderThan ?? comparison.withinNext;
  if (span === undefined) return [];
  return [x, shift(x, span, timeZone), shift(x, span, timeZone, -1)];
}
