import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toFailedFit } from '../../../src/domains/churn/fit-failure.ts';
import { fitGroups } from '../../../src/statistics/models/fit-groups.ts';
import { fitGammaGamma, type Spend } from '../../../src/statistics/models/gamma-gamma.ts';
import { mbgNbd } from '../../../src/statistics/models/mbg-nbd.ts';
import { paretoNbd } from '../../../src/statistics/models/pareto-nbd.ts';
import { groupHistories } from '../../../src/statistics/models/purchase-history.ts';
import { expectedSpend, fitSpend } from '../../../src/statistics/models/spend-model.ts';
import { createDraws, simulateBetaGeometric } from './simulate-customers.ts';

const anyGroup = fc
  .record({
    x: fc.nat(5),
    gap: fc.nat(20),
    silent: fc.nat(20),
    count: fc.integer({ min: 1, max: 900 }),
  })
  .map(({ x, gap, silent, count }) => ({ x, tx: x * gap, T: x * gap + silent, count }));

it('has a prior for every sample, also of customers without an age', () => {
  fc.assert(
    fc.property(fc.array(anyGroup, { minLength: 1, maxLength: 4 }), (groups) => {
      for (const model of [mbgNbd, paretoNbd]) {
        const { centres } = model.defaultPrior(groups);
        for (const value of Object.values(centres)) {
          expect(value).toBeGreaterThan(0);
          expect(value).toBeLessThan(Number.POSITIVE_INFINITY);
        }
      }
    }),
  );
});

/** Customers who all buy about once a month (Erlang gaps of shape 8) until they leave. */
function regularBuyers(seed: number, customers: number) {
  const { gamma, uniform } = createDraws(seed);
  return Array.from({ length: customers }, () => {
    const age = Math.floor(300 + 200 * uniform());
    let [x, tx] = [0, 0];
    while (uniform() > 0.05) {
      const next = tx + Math.ceil(gamma(8, 8 / 30));
      if (next > age) break;
      [x, tx] = [x + 1, next];
    }
    return { x, tx, T: age };
  });
}

describe('fits with a prior where the data alone do not determine the parameters:', () => {
  it.each([1, 2, 3, 4, 5])('2,000 regular, similar buyers (seed %i)', (seed) => {
    const groups = groupHistories(regularBuyers(seed, 2_000));

    const fit = fitGroups(mbgNbd, groups);

    expect(mbgNbd.fit(groups).converged).toBe(false);
    expect(fit).toMatchObject({ converged: true, hasPrior: true, n: 2_000 });
  });

  it('500 identical customers', () => {
    const fit = fitGroups(mbgNbd, [{ x: 3, tx: 20, T: 30, count: 500 }]);

    expect(fit).toMatchObject({ converged: true, hasPrior: true });
  });
});

it('still fits varied customers without a prior', () => {
  const draws = createDraws(3);
  const population = { r: 0.7, alpha: 20, a: 0.7, b: 2 };
  const buyers = Array.from({ length: 2_000 }, () =>
    simulateBetaGeometric(draws, population, { opening: 1, T: 400 }),
  );

  expect(fitGroups(mbgNbd, groupHistories(buyers))).toMatchObject({
    converged: true,
    hasPrior: false,
  });
});

it.each([
  ['TOO_FEW_CUSTOMERS', 'INSUFFICIENT_DATA'],
  ['TOO_FEW_REPEATS', 'INSUFFICIENT_DATA'],
  ['NOTHING_TO_LEARN', 'INSUFFICIENT_DATA'],
  ['NOT_CONVERGED', 'NOT_CONVERGED'],
  ['NOT_DETERMINED', 'NOT_CONVERGED'],
] as const)('a fit that failed with %s ends its job as %s', (reason, outcome) => {
  const failed = toFailedFit({ reason, message: 'No.' });

  expect(failed.outcome).toBe(outcome);
  expect(failed.message.includes('`updateChurnSettings`')).toBe(outcome === 'NOT_CONVERGED');
});

/** Spends of customers by number of purchases, from mean values. */
const spendsOf = (values: readonly number[]): Spend[] =>
  values.map((m, index) => ({ x: 1 + (index % 4), m }));
const repeated = (count: number, value: (index: number) => number) =>
  spendsOf(Array.from({ length: count }, (_, index) => value(index)));

/** Cases in which Gamma-Gamma alone may not converge, with the usual value of a purchase. */
const shops: Array<[string, Spend[], number]> = [
  ['one price', repeated(1_500, () => 1_990), 1_990],
  ['three prices', repeated(1_500, (i) => [990, 1_990, 2_990][i % 3] ?? 0), 1_990],
  ['a fixed price for each customer', repeated(800, (i) => 1_000 + 10 * (i % 200)), 1_995],
  ['5 outliers among 1,000', repeated(1_000, (i) => (i < 5 ? 500_000 : 2_000)), 2_000],
  ['5 of 400 at 10^12', repeated(400, (i) => (i < 5 ? 1e14 : 2_000)), 2_000],
];

it.each(shops)('estimates the spend in a shop with %s, and says how', (_what, spends, usual) => {
  const fitted = fitSpend(spends);

  expect(fitGammaGamma(spends).converged).toBe(fitted?.source === 'FIT');
  const expected = fitted ? expectedSpend(fitted.model, null) : 0;
  expect(expected).toBeGreaterThan(usual / 3);
  expect(expected).toBeLessThan(usual * 3);
});

it('estimates spend of every sample with a repeat purchase, and of no other', () => {
  const spend = fc.record({
    x: fc.integer({ min: 1, max: 50 }),
    m: fc.oneof(fc.integer({ min: 1, max: 10_000 }), fc.integer({ min: 1, max: 1e15 })),
    count: fc.integer({ min: 1, max: 1_000 }),
  });
  fc.assert(
    fc.property(fc.array(spend, { minLength: 1, maxLength: 6 }), (spends) => {
      const fitted = fitSpend(spends);
      if (!fitted) throw new Error('There is no estimate');
      for (const known of [null, ...spends]) {
        const expected = expectedSpend(fitted.model, known);
        expect(expected).toBeGreaterThan(0);
        expect(expected).toBeLessThan(Number.POSITIVE_INFINITY);
      }
    }),
    { numRuns: 60 },
  );
  expect(fitSpend([])).toBeNull();
});

it('expects the mean of all of every customer if nothing else is known', () => {
  expect(expectedSpend({ mean: 700 }, { x: 9, m: 5_000 })).toBe(700);
  expect(expectedSpend({ mean: 700 }, null)).toBe(700);
});
