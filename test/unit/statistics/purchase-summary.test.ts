import { expect, it } from 'vitest';
import {
  countActivity,
  type Purchase,
  summarisePurchases,
} from '../../../src/statistics/models/purchase-summary.ts';
import { dayNumberOf, isReferenceMissing, readCdnowLog } from './reference-data.ts';

const log = (...purchases: [day: number, amount: number][]): Purchase[] =>
  purchases.map(([day, amount]) => ({ customer: 'ada', day, amount }));
const summary = (purchases: Purchase[], until = 100) =>
  summarisePurchases(purchases, until).get('ada');

it('counts distinct days after the first and their mean value, in any order', () => {
  const purchases = log([30, 20], [10, 5], [10, 7], [30, 10], [50, 40]);

  expect(summary(purchases)).toEqual({ x: 2, tx: 40, T: 90, firstDay: 10, m: 35 });
  expect(summary(purchases.reverse())).toEqual({ x: 2, tx: 40, T: 90, firstDay: 10, m: 35 });
});

it('returns no mean value for customers with purchases on one day only', () => {
  expect(summary(log([10, 5], [10, 5]))).toEqual({ x: 0, tx: 0, T: 90, firstDay: 10, m: null });
});

it('subtracts a refund from the value of its day and still counts the day', () => {
  expect(summary(log([1, 5], [2, 30], [3, -10]))).toMatchObject({ x: 2, m: 10 });
});

it('keeps customers without a positive net value, without a mean value', () => {
  expect(summary(log([1, 5], [2, 0]))).toMatchObject({ x: 1, m: null });
  expect(summary(log([1, 5], [2, 30], [3, -40]))).toMatchObject({ x: 2, m: null });
});

it('includes the last day and refuses later purchases', () => {
  expect(summary(log([100, 5]))).toMatchObject({ T: 0 });
  expect(() => summary(log([1, 5], [101, 5]))).toThrow(
    expect.objectContaining({
      code: 'FUTURE_PURCHASE',
      message: expect.stringContaining('Omit later purchases or choose a later day.'),
    }),
  );
});

it.each([Number.NaN, Number.POSITIVE_INFINITY, 1e300, -1e300])(
  'refuses an amount of %d',
  (amount) => {
    expect(() => summary(log([1, amount]))).toThrow(
      expect.objectContaining({ code: 'INVALID_PURCHASE' }),
    );
  },
);

it.each([Number.NaN, 1.5, Number.NEGATIVE_INFINITY])('refuses the day %d', (day) => {
  expect(() => summary(log([day, 5]))).toThrow(
    expect.objectContaining({ code: 'INVALID_PURCHASE' }),
  );
});

it('counts the activity in a window, excluding its first day and including its last', () => {
  const purchases = log([10, 5], [11, 7], [11, 3], [20, 2], [21, 9]);

  expect(countActivity(purchases, { after: 10, until: 20 }).get('ada')).toEqual({
    days: 2,
    value: 12,
  });
  expect(countActivity(purchases, { after: 21, until: 30 }).size).toBe(0);
});

it.skipIf(isReferenceMissing)('finds one CDNOW customer whose repeat days have no value', () => {
  const summaries = [...summarisePurchases(readCdnowLog(), dayNumberOf('19980630')).values()];

  expect(summaries).toHaveLength(23_570);
  expect(summaries.filter(({ x, m }) => x > 0 && m === null)).toHaveLength(1);
});
