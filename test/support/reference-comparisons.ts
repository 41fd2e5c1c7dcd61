import type {
  ListComparison,
  NumberComparison,
  TextComparison,
  TraitCondition,
} from '../../src/engine/conditions/filter.ts';
import { readDate } from './reference-calendar.ts';
import { instantCriticals, meetsInstant } from './reference-instants.ts';

/** An exact fraction: a whole number of millionths, divided. */
export interface Exact {
  millionths: bigint;
  per: bigint;
}

const million = 1_000_000;

/** A number of at most six decimals. */
export const exact = (value: number): Exact => ({
  millionths: BigInt(Math.round(value * million)),
  per: 1n,
});

export function matchesNumber(value: Exact | undefined, asked: NumberComparison): boolean {
  if (!value) return false;
  // Above, equal to or below the operand: 1, 0 or -1.
  const against = (operand: number) => {
    const difference = value.millionths - exact(operand).millionths * value.per;
    return difference > 0n ? 1 : difference < 0n ? -1 : 0;
  };
  if (asked.equals !== undefined) return against(asked.equals) === 0;
  if (asked.notEquals !== undefined) return against(asked.notEquals) !== 0;
  if (asked.above !== undefined) return against(asked.above) === 1;
  if (asked.atLeast !== undefined) return against(asked.atLeast) !== -1;
  if (asked.below !== undefined) return against(asked.below) === -1;
  if (asked.atMost !== undefined) return against(asked.atMost) !== 1;
  const { from, to } = asked.between ?? { from: 1, to: 0 };
  return against(from) !== -1 && against(to) !== 1;
}

export function meetsText(value: unknown, asked: TextComparison): boolean {
  if (typeof value !== 'string') return false;
  if (asked.equals !== undefined) return value === asked.equals;
  if (asked.notEquals !== undefined) return value !== asked.notEquals;
  if (asked.in) return asked.in.includes(value);
  if (asked.notIn) return !asked.notIn.includes(value);
  if (asked.contains !== undefined) return value.includes(asked.contains);
  if (asked.startsWith !== undefined) return value.startsWith(asked.startsWith);
  return value.endsWith(asked.endsWith ?? '');
}

function meetsList(value: unknown, asked: ListComparison): boolean {
  if (!Array.isArray(value)) return false;
  const has = (wanted: string) => value.some((element) => element === wanted);
  return asked.hasAny ? asked.hasAny.some(has) : (asked.hasAll ?? []).every(has);
}

/** What was told is of any type; undefined and null are nothing. */
export function meetsTold(
  value: unknown,
  asked: TraitCondition['is'],
  { at, timeZone }: { at: number; timeZone: string },
): boolean {
  if (asked.text) return meetsText(value, asked.text);
  if (asked.number) {
    return matchesNumber(typeof value === 'number' ? exact(value) : undefined, asked.number);
  }
  if (asked.date) return meetsInstant(readDate(value, timeZone), asked.date, { at, timeZone });
  if (asked.boolean !== undefined) return value === asked.boolean;
  if (asked.list) return meetsList(value, asked.list);
  return (value !== undefined && value !== null) === asked.exists;
}

/** When the answer about any of these values may change. */
export function toldCriticals(
  values: unknown[],
  asked: TraitCondition['is'],
  timeZone: string,
): number[] {
  const { date } = asked;
  if (!date) return [];
  return values.flatMap((value) => {
    const x = readDate(value, timeZone);
    return x === undefined ? [] : instantCriticals(x, date, timeZone);
  });
}
