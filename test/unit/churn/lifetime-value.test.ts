import { expect, it } from 'vitest';
import { discountedPurchaseCount } from '../../../src/domains/churn/risk/value.ts';
import { mbgNbd } from '../../../src/statistics/models/mbg-nbd.ts';
import { exampleModel } from '../../support/example-model.ts';

const history = { x: 3, tx: 120, T: 200 };
const { parameters } = exampleModel;
const expectedBy = (days: number) => mbgNbd.expectedPurchases(parameters, history, days);

it.each([0, 0.1, 0.5, 1])(
  'discounts purchases at %d a year, compounded by month',
  (discountRate) => {
    const year = 365;
    const byMonth = Array.from({ length: 12 }, (_, month) => {
      const purchases = expectedBy(((month + 1) * year) / 12) - expectedBy((month * year) / 12);
      return purchases / (1 + discountRate) ** ((month + 1) / 12);
    });

    expect(
      discountedPurchaseCount(exampleModel, history, {
        horizonDays: year,
        discountRate,
        margin: 1,
      }),
    ).toBeCloseTo(
      byMonth.reduce((sum, value) => sum + value, 0),
      10,
    );
  },
);

it('halves the value of a purchase in one year at a discount of 100 % a year', () => {
  // The thirteenth month of a horizon of thirteen is discounted once more than the twelfth.
  const months = (count: number) => (count * 365) / 12;
  const worth = (count: number) =>
    discountedPurchaseCount(exampleModel, history, {
      horizonDays: months(count),
      discountRate: 1,
      margin: 1,
    });
  const lastMonth = expectedBy(months(12)) - expectedBy(months(11));

  expect(worth(12) - worth(11)).toBeCloseTo(lastMonth / 2, 10);
});
