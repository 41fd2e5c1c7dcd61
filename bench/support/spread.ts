/** The percentile of the values at the given share, from 0 to 1; the maximum at 1. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

export const median = (values: readonly number[]): number => percentile(values, 0.5);

export const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

const digits = (value: number) => (Math.abs(value) < 10 ? 2 : Math.abs(value) < 100 ? 1 : 0);

/** Formats about three significant digits: 4,512 or 12.3 or 0.31. */
export const formatNumber = (value: number): string =>
  value.toLocaleString('en', {
    minimumFractionDigits: Number.isInteger(value) ? 0 : digits(value),
    maximumFractionDigits: digits(value),
  });
