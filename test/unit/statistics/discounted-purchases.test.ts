import { expect, it } from 'vitest';
import { bgNbd } from '../../../src/statistics/models/bg-nbd.ts';
import {
  daysPerMonth,
  discountedPurchases,
  type Horizon,
  lifetimeValue,
} from '../../../src/statistics/models/discounted-purchases.ts';
import { expectedValue, fitGammaGamma } from '../../../src/statistics/models/gamma-gamma.ts';
import { mbgNbd } from '../../../src/statistics/models/mbg-nbd.ts';
import { groupHistories } from '../../../src/statistics/models/purchase-history.ts';
import { isReferenceMissing, readCdnowSample, readCdnowSpend } from './reference-data.ts';

const parameters = { r: 0.525, alpha: 43.3, a: 0.891, b: 1.614 };
const history = { x: 3, tx: 120, T: 200 };
const year: Horizon = { months: 12, monthlyDiscount: 0.01, monthLength: daysPerMonth };

it('sums the expected purchases of each month, discounted', () => {
  let sum = 0;
  for (let month = 1; month <= 12; month += 1) {
    const until = mbgNbd.expectedPurchases(parameters, history, month * daysPerMonth);
    const before = mbgNbd.expectedPurchases(parameters, history, (month - 1) * daysPerMonth);
    sum += (until - before) * 1.01 ** -month;
  }
  const undiscounted = discountedPurchases(mbgNbd, parameters, history, {
    ...year,
    monthlyDiscount: 0,
  });

  expect(discountedPurchases(mbgNbd, parameters, history, year)).toBeCloseTo(sum, 12);
  expect(undiscounted).toBeCloseTo(
    mbgNbd.expectedPurchases(parameters, history, 12 * daysPerMonth),
    12,
  );
});

it('returns the same result in weeks if the month length is in weeks too, otherwise a multiple', () => {
  const inWeeks = { ...parameters, alpha: parameters.alpha / 7 };
  const weeks = { x: 3, tx: 120 / 7, T: 200 / 7 };
  const value = (monthLength: number) =>
    discountedPurchases(mbgNbd, inWeeks, weeks, { ...year, monthLength });

  expect(value(daysPerMonth / 7)).toBeCloseTo(
    discountedPurchases(mbgNbd, parameters, history, year),
    10,
  );
  expect(value(daysPerMonth) / value(daysPerMonth / 7)).toBeGreaterThan(3);
});

// The documentation of lifetimes calls these "12 months", but its step is 30 units and its units are weeks.
it.skipIf(isReferenceMissing)(
  'reproduces the documented values of the lifetimes package, which cover 360 weeks',
  () => {
    const fit = bgNbd.fit(groupHistories(readCdnowSample()));
    const spend = fitGammaGamma(readCdnowSpend().filter(({ x }) => x > 0));
    if (!fit.converged || !spend.converged) throw new Error('There is no fit');
    const spends = readCdnowSpend();
    const histories = readCdnowSample();
    const worth = (customer: number, monthLength: number) => {
      const [history, customerSpend] = [histories[customer], spends[customer]];
      if (!history || !customerSpend) throw new Error('There is no such customer');
      return lifetimeValue({
        meanValue: expectedValue(spend.parameters, customerSpend),
        margin: 1,
        purchases: discountedPurchases(bgNbd, fit.parameters, history, { ...year, monthLength }),
      });
    };
    const documented = [140.096211, 18.943467, 38.180574, 38.180574, 38.180574];

    for (const [customer, wanted] of documented.entries()) {
      expect(worth(customer, 30) / wanted).toBeCloseTo(1, 3);
      const tooHigh = worth(customer, 30) / worth(customer, 4.345);
      expect(tooHigh).toBeGreaterThan(3.4);
      expect(tooHigh).toBeLessThan(4.7);
    }
  },
);

it('refuses infinite horizons, negative discounts and month lengths of zero', () => {
  const code = expect.objectContaining({ code: 'INVALID_ARGUMENT' });
  const ask = (wrong: Partial<Horizon>) => () =>
    discountedPurchases(mbgNbd, parameters, history, { ...year, ...wrong });

  expect(ask({ months: 0 })).toThrow(code);
  expect(ask({ months: Number.POSITIVE_INFINITY })).toThrow(code);
  expect(ask({ monthlyDiscount: -0.01 })).toThrow(code);
  expect(ask({ monthLength: 0 })).toThrow(code);
  expect(() => lifetimeValue({ meanValue: Number.NaN, margin: 1, purchases: 1 })).toThrow(code);
});
