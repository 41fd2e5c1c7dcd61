import type {
  ListComparison,
  NumberComparison,
  TextComparison,
  TraitCondition,
} from '../../src/engine/conditions/filter.ts';
import { readDate } from './reference-calendar.ts';
import { comparisonCriticalInstants, matchesInstant } from './reference-instants.ts';

/** An exact fraction: a whole number of millionths, divided by `per`. */
export interface Exact {
  millionths: bigint;
  per: bigint;
}

const million = 1_000_000;

/** A number with at most six decimals. */
export const exact = (value: number): Exact => ({
  millionths: BigInt(Math.round(value * million)),
  per: 1n,
});

export function matchesNumber(value: Exact | undefined, comparison: NumberComparison): boolean {
  if (!value) return false;
  // Above, equal to or below the operand: 1, 0 or -1.
  const against = (operand: number) => {
    const difference = value.millionths - exact(operand).millionths * value.per;
    return difference > 0n ? 1 : difference < 0n ? -1 : 0;
  };
  if (comparison.equals !== undefined) return against(comparison.equals) === 0;
  if (comparison.notEquals !== undefined) return against(comparison.notEquals) !== 0;
  if (comparison.above !== undefined) return against(comparison.above) === 1;
  if (comparison.atLeast !== undefined) return against(comparison.atLeast) !== -1;
  if (comparison.below !== undefined) return against(comparison.below) === -1;
  if (comparison.atMost !== undefined) return against(comparison.atMost) !== 1;
  const { from, to } = comparison.between ?? { from: 1, to: 0 };
  return against(from) !== -1 && against(to) !== 1;
}

export function matchesText(value: unknown, comparison: TextComparison): boolean {
  if (typeof value !== 'string') return false;
  if (comparison.equals !== undefined) return value === comparison.equals;
  if (comparison.notEquals !== undefined) return value !== comparison.notEquals;
  if (comparison.in) return comparison.in.includes(value);
  if (comparison.notIn) return !comparison.notIn.includes(value);
  if (comparison.contains !== undefined) return value.includes(comparison.contains);
  if (comparison.startsWith !== undefined) return value.startsWith(comparison.startsWith);
  return value.endsWith(comparison.endsWith ?? '');
}

function matchesList(value: unknown, comparison: ListComparison): boolean {
  if (!Array.isArray(value)) return false;
  const has = (wanted: string) => value.some((element) => element === wanted);
  return comparison.hasAny ? comparison.hasAny.some(has) : (comparison.hasAll ?? []).every(has);
}

/** Compares a reported value of any type; undefined and null are absent. */
export function matchesValue(
  value: unknown,
  comparison: TraitCondition['is'],
  { at, timeZone }: { at: number; timeZone: string },
): boolean {
  if (comparison.text) return matchesText(value, comparison.text);
  if (comparison.number) {
    return matchesNumber(typeof value === 'number' ? exact(value) : undefined, comparison.number);
  }
  if (comparison.date)
    return matchesInstant(readDate(value, timeZone), comparison.date, { at, timeZone });
  if (comparison.boolean !== undefined) return value === comparison.boolean;
  if (comparison.list) return matchesList(value, comparison.list);
  return (value !== undefined && value !== null) === comparison.exists;
}

/** The instants at which the answer for any of these values may change. */
export function valueCriticalInstants(
  values: unknown[],
  comparison: TraitCondition['is'],
  timeZone: string,
): number[] {
  const { date } = comparison;
  if (!date) return [];
  return values.flatMap((value) => {
    const x = readDate(value, timeZone);
    return x === undefined ? [] : comparisonCriticalInstants(x, date, timeZone);
  });
}
