import { exact } from './reference-comparisons.ts';

const decimals: Readonly<Record<string, number>> = { JPY: 0, KWD: 3 };

const stepOf = (currency: string) => 10n ** BigInt(6 - (decimals[currency] ?? 2));

/** A reported number, also one in a text, in millionths. At most six decimals. */
export function readNumber(value: unknown): bigint | undefined {
  if (typeof value === 'number') return exact(value).millionths;
  if (typeof value !== 'string' || !/^-?[0-9]+(\.[0-9]+)?$/.test(value)) return undefined;
  return exact(Number(value)).millionths;
}

/** Millionths in minor units of the currency, rounded half up. */
export function toMinor(millionths: bigint, currency: string): bigint {
  const step = stepOf(currency);
  const size = millionths < 0n ? -millionths : millionths;
  const rounded = (2n * size + step) / (2n * step);
  return millionths < 0n ? -rounded : rounded;
}

/** An amount with the decimals of its currency, in millionths. */
export const roundAmount = (millionths: bigint, currency: string): bigint =>
  toMinor(millionths, currency) * stepOf(currency);
