import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  betaGeometricLikelihood,
  toColumns,
} from '../../../src/statistics/models/beta-geometric-likelihood.ts';
import { bgNbd } from '../../../src/statistics/models/bg-nbd.ts';
import { explainGone, mbgNbd } from '../../../src/statistics/models/mbg-nbd.ts';
import { toProbability } from '../../../src/statistics/models/numerics/log-odds.ts';
import { paretoNbd } from '../../../src/statistics/models/pareto-nbd.ts';
import { paretoLikelihood } from '../../../src/statistics/models/pareto-nbd-likelihood.ts';
import { type HistoryGroup, newCustomer } from '../../../src/statistics/models/purchase-history.ts';
import type { PurchaseModel } from '../../../src/statistics/models/purchase-model.ts';

type Names = Record<string, number>;
interface ConditionCase {
  model: PurchaseModel<Names>;
  /** In the unit of time. */
  timeNames: readonly string[];
  arbitrary: fc.Arbitrary<Names>;
  /** In days, for customers who buy about once in eleven weeks. */
  example: Names;
  meanLogLikelihood(
    groups: HistoryGroup[],
  ): (parameters: Float64Array, gradient: Float64Array) => number;
}

const magnitude = (least: number, most: number) =>
  fc.double({ min: Math.log(least), max: Math.log(most), noNaN: true }).map(Math.exp);
const betaGeometric = fc.record({
  r: magnitude(0.05, 20),
  alpha: magnitude(0.5, 500),
  a: magnitude(0.05, 20),
  b: magnitude(0.05, 20),
});
const pareto = fc.record({
  r: magnitude(0.05, 20),
  alpha: magnitude(0.5, 500),
  s: magnitude(0.05, 20),
  beta: magnitude(0.5, 500),
});
const asCase = (model: unknown) => model as PurchaseModel<Names>;
const cases: ConditionCase[] = [
  {
    model: asCase(mbgNbd),
    timeNames: ['alpha'],
    arbitrary: betaGeometric,
    example: { r: 0.5, alpha: 40, a: 0.9, b: 1.6 },
    meanLogLikelihood: (groups) => betaGeometricLikelihood(toColumns(groups), 1),
  },
  {
    model: asCase(bgNbd),
    timeNames: ['alpha'],
    arbitrary: betaGeometric,
    example: { r: 0.5, alpha: 40, a: 0.9, b: 1.6 },
    meanLogLikelihood: (groups) => betaGeometricLikelihood(toColumns(groups), 0),
  },
  {
    model: asCase(paretoNbd),
    timeNames: ['alpha', 'beta'],
    arbitrary: pareto,
    example: { r: 0.5, alpha: 40, s: 0.6, beta: 80 },
    meanLogLikelihood: (groups) =>
      paretoLikelihood(
        groups,
        groups.reduce((sum, { count }) => sum + count, 0),
      ),
  },
];

const history = fc
  .record({
    x: fc.oneof(fc.nat({ max: 5 }), fc.nat({ max: 300 })),
    last: fc.double({ min: 0.01, max: 1, noNaN: true }),
    T: magnitude(1, 1_000),
  })
  .map(({ x, last, T }) => ({ x, tx: x === 0 ? 0 : last * T, T }));
const time = magnitude(0.1, 400);
const relative = (found: number, wanted: number) =>
  Math.abs(found - wanted) / Math.max(1e-300, Math.abs(wanted));

describe.each(cases)(
  '$model.name',
  ({ model, timeNames, arbitrary, example, meanLogLikelihood }) => {
    it('returns probabilities, with P(gone) and P(alive) adding up to 1', () => {
      fc.assert(
        fc.property(arbitrary, history, time, (parameters, customer, horizon) => {
          const alive = model.pAlive(parameters, customer);
          const silent = model.pSilent(parameters, customer, horizon);

          expect(alive).toBeGreaterThanOrEqual(0);
          expect(alive).toBeLessThanOrEqual(1);
          expect(toProbability(-model.logOddsGone(parameters, customer))).toBeCloseTo(alive, 14);
          expect(silent).toBeGreaterThanOrEqual(1 - alive - 1e-15);
          expect(silent).toBeLessThanOrEqual(1);
          expect(model.pSilent(parameters, customer, 0)).toBeCloseTo(1, 14);
        }),
      );
    });

    it('increases P(silent) with the duration of the silence', () => {
      fc.assert(
        fc.property(arbitrary, history, time, time, (parameters, customer, horizon, longer) => {
          const later = { ...customer, T: customer.T + longer };

          expect(model.pSilent(parameters, later, horizon)).toBeGreaterThanOrEqual(
            model.pSilent(parameters, customer, horizon) - 1e-13,
          );
          expect(model.pAlive(parameters, later)).toBeLessThanOrEqual(
            model.pAlive(parameters, customer) + 1e-13,
          );
        }),
      );
    });

    it('returns P(silent) equal to the probability of no purchase, by counts and by likelihood', () => {
      fc.assert(
        fc.property(arbitrary, history, time, (parameters, customer, horizon) => {
          const silent = model.pSilent(parameters, customer, horizon);
          const none = model.probabilityOfCount(parameters, customer, { count: 0, time: horizon });
          const later = model.logLikelihood(parameters, { ...customer, T: customer.T + horizon });

          expect(none).toBeCloseTo(silent, 12);
          expect(Math.exp(later - model.logLikelihood(parameters, customer))).toBeCloseTo(
            silent,
            10,
          );
        }),
      );
    });

    it('returns count probabilities that add up to 1 and to the expected purchases', () => {
      for (const customer of [newCustomer, { x: 0, tx: 0, T: 30 }, { x: 4, tx: 25, T: 30 }]) {
        let [all, mean] = [0, 0];
        for (let count = 0; count < 900; count += 1) {
          const probability = model.probabilityOfCount(example, customer, { count, time: 60 });
          all += probability;
          mean += count * probability;
        }
        expect(all).toBeCloseTo(1, 10);
        expect(mean).toBeCloseTo(model.expectedPurchases(example, customer, 60), 9);
      }
    });

    it('expects the same purchases of an acquired and of a new customer', () => {
      fc.assert(
        fc.property(arbitrary, time, (parameters, ahead) => {
          expect(model.expectedFromNew(parameters, ahead)).toBe(
            model.expectedPurchases(parameters, newCustomer, ahead),
          );
        }),
      );
    });

    it('expects purchases that add up over time, for new customers and after a silent first period', () => {
      fc.assert(
        fc.property(arbitrary, time, time, (parameters, first, second) => {
          const whole = model.expectedFromNew(parameters, first + second);
          const part = model.expectedFromNew(parameters, first);

          expect(whole).toBeGreaterThanOrEqual(part * (1 - 1e-12));
          // A customer that may drop out cannot be expected to buy more than one that never does.
          const { r = 0, alpha = 1 } = parameters;
          expect(whole).toBeLessThanOrEqual((r / alpha) * (first + second) * (1 + 1e-9));
        }),
      );
    });

    it('returns the same results in weeks and in days', () => {
      fc.assert(
        fc.property(arbitrary, history, time, (parameters, { x, tx, T }, horizon) => {
          const inDays = Object.fromEntries(
            Object.entries(parameters).map(([name, value]) => [
              name,
              timeNames.includes(name) ? 7 * value : value,
            ]),
          );
          const days = { x, tx: 7 * tx, T: 7 * T };
          const weeks = { x, tx, T };

          expect(
            Math.abs(model.pAlive(inDays, days) - model.pAlive(parameters, weeks)),
          ).toBeLessThan(1e-10);
          expect(
            Math.abs(
              model.pSilent(inDays, days, 7 * horizon) - model.pSilent(parameters, weeks, horizon),
            ),
          ).toBeLessThan(1e-10);
          expect(
            relative(
              model.expectedPurchases(inDays, days, 7 * horizon),
              model.expectedPurchases(parameters, weeks, horizon),
            ),
          ).toBeLessThan(1e-8);
        }),
      );
    });

    it('computes the gradient that finite differences confirm', () => {
      fc.assert(
        fc.property(
          arbitrary,
          fc.array(fc.tuple(history, fc.integer({ min: 1, max: 9 })), {
            minLength: 1,
            maxLength: 6,
          }),
          (parameters, customer) => {
            const groups = customer.map(([one, count]) => ({ ...one, count }));
            const likelihood = meanLogLikelihood(groups);
            const at = Float64Array.from(Object.values(parameters));
            const gradient = new Float64Array(4);
            likelihood(at, gradient);
            const scale = Math.max(
              ...gradient.map((slope, i) => Math.abs(slope * (at[i] ?? 0))),
              1,
            );
            for (const i of at.keys()) {
              const slope = differ(likelihood, at, i) * (at[i] ?? 0);
              expect(Math.abs((gradient[i] ?? 0) * (at[i] ?? 0) - slope) / scale).toBeLessThan(
                1e-6,
              );
            }
          },
        ),
      );
    });

    it('predicts the instant at which P(alive) falls to a threshold', () => {
      const threshold = fc.double({ min: 0.02, max: 0.98, noNaN: true });
      fc.assert(
        fc.property(arbitrary, history, threshold, (parameters, { x, tx }, wanted) => {
          const age = model.aliveFallsTo(parameters, { x, tx }, wanted);
          if (age === null) {
            expect(model.pAlive(parameters, { x, tx, T: 1e9 })).toBeGreaterThan(wanted - 0.02);
            return;
          }
          const alive = model.pAlive(parameters, { x, tx, T: age });
          if (age === tx) expect(alive).toBeLessThanOrEqual(wanted);
          else expect(alive).toBeCloseTo(wanted, 8);
        }),
      );
    });

    it('predicts the instant at which P(silent) rises to a threshold', () => {
      const threshold = fc.double({ min: 0.02, max: 0.98, noNaN: true });
      fc.assert(
        fc.property(
          arbitrary,
          history,
          threshold,
          time,
          (parameters, { x, tx }, wanted, horizon) => {
            const age = model.silentRisesTo(parameters, { x, tx }, { threshold: wanted, horizon });
            if (age === null) {
              expect(model.pSilent(parameters, { x, tx, T: 1e11 }, horizon)).toBeLessThan(
                wanted + 0.1,
              );
              return;
            }
            const silent = model.pSilent(parameters, { x, tx, T: age }, horizon);
            expect(silent).toBeGreaterThanOrEqual(wanted - 1e-12);
            if (age > tx) expect(silent).toBeCloseTo(wanted, 8);
          },
        ),
      );
    });

    it('predicts the same day for a threshold as a daily comparison', () => {
      for (const customer of [
        { x: 1, tx: 40 },
        { x: 6, tx: 200 },
        { x: 30, tx: 365 },
      ]) {
        const crossing = { threshold: 0.8, horizon: 90 };
        const exact = model.silentRisesTo(example, customer, crossing) ?? Number.NaN;
        let day = customer.tx;
        while (model.pSilent(example, { ...customer, T: day }, 90) < 0.8) day += 1;
        expect(Math.max(customer.tx, Math.ceil(exact))).toBe(day);
      }
    });

    it('stays finite for customers with a thousand purchases', () => {
      for (const customer of [
        { x: 300, tx: 518, T: 520 },
        { x: 1_000, tx: 4_990, T: 5_000 },
        { x: 1_000, tx: 100, T: 5_000 },
      ]) {
        const expected = model.expectedPurchases(example, customer, 365);
        expect(expected).toBeGreaterThanOrEqual(0);
        expect(expected).toBeLessThan((customer.x / customer.T) * 365 * 1.01);
        expect(Number.isFinite(model.logLikelihood(example, customer))).toBe(true);
        const crossing = { threshold: 0.9, horizon: 90 };
        expect(model.silentRisesTo(example, customer, crossing)).toBeGreaterThanOrEqual(
          customer.tx,
        );
      }
    });

    it.each([
      [{ x: -1, tx: 0, T: 1 }],
      [{ x: 1.5, tx: 1, T: 2 }],
      [{ x: Number.NaN, tx: 0, T: 1 }],
      [{ x: 1, tx: -1, T: 2 }],
      [{ x: 1, tx: 3, T: 2 }],
      [{ x: 1, tx: 1, T: Number.POSITIVE_INFINITY }],
      [{ x: 1, tx: Number.NaN, T: 2 }],
    ])('refuses the impossible history %j', (customer) => {
      const parameters = fc.sample(arbitrary, { numRuns: 1, seed: 1 })[0] ?? {};
      const refusal = expect.objectContaining({ code: 'INVALID_HISTORY' });

      expect(() => model.pAlive(parameters, customer)).toThrow(refusal);
      expect(() => model.pSilent(parameters, customer, 90)).toThrow(refusal);
      expect(() => model.expectedPurchases(parameters, customer, 90)).toThrow(refusal);
      expect(() => model.fit([{ ...customer, count: 1 }])).toThrow(refusal);
    });

    it('refuses invalid parameters, times and thresholds', () => {
      const parameters = fc.sample(arbitrary, { numRuns: 1, seed: 1 })[0] ?? {};
      const customer = { x: 1, tx: 1, T: 2 };
      const code = (name: string) => expect.objectContaining({ code: name });

      for (const r of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
        expect(() => model.pAlive({ ...parameters, r }, customer)).toThrow(
          code('INVALID_PARAMETERS'),
        );
      }
      for (const wrong of [-1, Number.NaN, Number.POSITIVE_INFINITY]) {
        expect(() => model.pSilent(parameters, customer, wrong)).toThrow(code('INVALID_ARGUMENT'));
        expect(() => model.expectedFromNew(parameters, wrong)).toThrow(code('INVALID_ARGUMENT'));
      }
      for (const threshold of [0, 1, -0.1, Number.NaN]) {
        expect(() => model.aliveFallsTo(parameters, customer, threshold)).toThrow(
          code('INVALID_ARGUMENT'),
        );
      }
    });
  },
);

function differ(
  value: (parameters: Float64Array, gradient: Float64Array) => number,
  at: Float64Array,
  index: number,
): number {
  const step = 1e-5 * (at[index] ?? 0);
  const beside = (by: number) =>
    value(
      at.map((one, i) => (i === index ? one + by : one)),
      new Float64Array(4),
    );
  // Five points, so that the error of the finite difference is negligible.
  return (
    (8 * (beside(step) - beside(-step)) - (beside(2 * step) - beside(-2 * step))) / (12 * step)
  );
}

it('explains P(gone) by terms that add up to the log-odds exactly', () => {
  fc.assert(
    fc.property(betaGeometric, history, (parameters, customer) => {
      const { tendency, silence, logOdds } = explainGone(parameters, customer);
      const { alpha, r, a, b } = parameters;

      expect(tendency + silence).toBe(logOdds);
      expect(logOdds).toBe(mbgNbd.logOddsGone(parameters, customer));
      expect(tendency).toBeCloseTo(Math.log(a / (b + customer.x)), 12);
      const ratio = (alpha + customer.T) / (alpha + customer.tx);
      expect(silence).toBeCloseTo((r + customer.x) * Math.log(ratio), 9);
    }),
  );
});

it('distinguishes lost one-time customers from infrequent ones, unlike BG/NBD', () => {
  const parameters = { r: 0.525, alpha: 6.183, a: 0.891, b: 1.614 };

  expect(bgNbd.pAlive(parameters, { x: 0, tx: 0, T: 38.86 })).toBe(1);
  expect(bgNbd.aliveFallsTo(parameters, { x: 0, tx: 0 }, 0.5)).toBeNull();
  expect(mbgNbd.pAlive(parameters, newCustomer)).toBeCloseTo(1.614 / (0.891 + 1.614), 12);
  expect(mbgNbd.pAlive(parameters, { x: 0, tx: 0, T: 38.86 })).toBeLessThan(0.45);
});

it('expects the purchases of the published form of BG/NBD where that is finite, and near a = 1', () => {
  const base = { r: 0.243, alpha: 4.414, b: 2.426 };
  const customer = { x: 2, tx: 30.43, T: 38.86 };
  const near = [1 - 1e-7, 1, 1 + 1e-7].map((a) =>
    bgNbd.expectedPurchases({ ...base, a }, customer, 39),
  );

  // Fader, Hardie & Lee 2005, equation (10), summed directly.
  expect(bgNbd.expectedPurchases({ ...base, a: 0.793 }, customer, 39)).toBeCloseTo(
    textbook({ ...base, a: 0.793 }, customer, 39),
    10,
  );
  expect(relative(near[0] ?? 0, near[1] ?? 0)).toBeLessThan(1e-6);
  expect(relative(near[2] ?? 0, near[1] ?? 0)).toBeLessThan(1e-6);
});

function textbook(
  { r, alpha, a, b }: { r: number; alpha: number; a: number; b: number },
  { x, tx, T }: { x: number; tx: number; T: number },
  ahead: number,
): number {
  const z = ahead / (alpha + T + ahead);
  let [term, sum] = [1, 1];
  for (let n = 0; n < 5_000; n += 1) {
    term *= (((r + x + n) * (b + x + n)) / ((a + b + x - 1 + n) * (n + 1))) * z;
    sum += term;
  }
  const left = 1 - ((alpha + T) / (alpha + T + ahead)) ** (r + x) * sum;
  const alive = 1 / (1 + (a / (b + x - 1)) * ((alpha + T) / (alpha + tx)) ** (r + x));
  return ((a + b + x - 1) / (a - 1)) * left * alive;
}

it('computes Pareto/NBD like the published form with two hypergeometric functions', () => {
  const parameters = { r: 0.553, alpha: 10.578, s: 0.606, beta: 11.669 };
  const [rs, T, tx, x] = [0.553 + 0.606 + 2, 38.86, 30.43, 2];
  // alpha < beta: F(r+s+x, r+x; r+s+x+1; (beta-alpha)/(beta+y)) / (beta+y)^(r+s+x).
  const at = (y: number) => {
    const z = (11.669 - 10.578) / (11.669 + y);
    let [term, sum] = [1, 1];
    for (let n = 0; n < 200; n += 1) {
      term *= (((rs + n) * (0.553 + x + n)) / ((rs + 1 + n) * (n + 1))) * z;
      sum += term;
    }
    return sum / (11.669 + y) ** rs;
  };
  const odds =
    (0.606 / rs) * (10.578 + T) ** (0.553 + x) * (11.669 + T) ** 0.606 * (at(tx) - at(T));

  expect(paretoNbd.pAlive(parameters, { x, tx, T })).toBeCloseTo(1 / (1 + odds), 12);
});
