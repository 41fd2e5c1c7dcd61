import fc from 'fast-check';
import { expect, it } from 'vitest';
import { areaUnderCurve } from '../../../src/statistics/backtest/area-under-curve.ts';
import { baseRateOf, type Forecast } from '../../../src/statistics/backtest/forecast.ts';
import { liftCurve } from '../../../src/statistics/backtest/lift-curve.ts';
import { brierScore, brierSkill, logLoss } from '../../../src/statistics/backtest/proper-scores.ts';
import {
  calibrationError,
  decomposeBrier,
  reliabilityTable,
} from '../../../src/statistics/backtest/reliability.ts';
import { tableByRepeats, totalsOf } from '../../../src/statistics/backtest/totals.ts';

const forecastsOf = (...pairs: [score: number, outcome: 0 | 1][]): Forecast[] =>
  pairs.map(([score, outcome]) => ({ score, outcome: outcome === 1 }));

// Few distinct scores, so that ties are common.
const forecasts = fc.array(
  fc.record({ score: fc.integer({ min: 0, max: 20 }).map((i) => i / 20), outcome: fc.boolean() }),
  { minLength: 1, maxLength: 60 },
);

it('computes the same area under the curve as a comparison of all pairs', () => {
  fc.assert(
    fc.property(forecasts, (all) => {
      const positives = all.filter(({ outcome }) => outcome);
      const negatives = all.filter(({ outcome }) => !outcome);
      const wins = positives.flatMap((one) =>
        negatives.map((other) => (Math.sign(one.score - other.score) + 1) / 2),
      );
      const wanted =
        wins.length === 0 ? null : wins.reduce((sum, win) => sum + win, 0) / wins.length;

      if (wanted === null) expect(areaUnderCurve(all)).toBeNull();
      else expect(areaUnderCurve(all)).toBeCloseTo(wanted, 12);
    }),
  );
});

it('computes the Brier score and the log loss', () => {
  const all = forecastsOf([0.9, 1], [0.2, 0], [0.6, 0]);

  expect(brierScore(all)).toBeCloseTo((0.01 + 0.04 + 0.36) / 3, 12);
  expect(logLoss(all)).toBeCloseTo(-(Math.log(0.9) + Math.log(0.8) + Math.log(0.4)) / 3, 12);
  expect(logLoss(forecastsOf([0, 1]))).toBeCloseTo(-Math.log(1e-15), 9);
});

it('computes skill relative to the base rate or another forecast', () => {
  const all = forecastsOf([0.9, 1], [0.2, 0], [0.6, 0], [0.7, 1]);

  expect(brierSkill(all)).toBeCloseTo(1 - brierScore(all) / 0.25, 12);
  expect(brierSkill(all, 0.1)).toBeCloseTo(1 - brierScore(all) / 0.1, 12);
  expect(brierSkill(forecastsOf([0.5, 1], [0.5, 0]))).toBe(0);
  expect(brierSkill(forecastsOf([0.5, 1]))).toBeNull();
  expect(baseRateOf(all)).toBe(0.5);
});

it('bins probabilities by equal width, with 1 in the last bin', () => {
  const table = reliabilityTable(forecastsOf([0, 0], [0.09, 1], [0.1, 0], [0.95, 1], [1, 1]));

  expect(table).toEqual([
    { from: 0, to: 0.09, count: 2, meanForecast: 0.045, observedRate: 0.5 },
    { from: 0.1, to: 0.1, count: 1, meanForecast: 0.1, observedRate: 0 },
    { from: 0.95, to: 1, count: 2, meanForecast: 0.975, observedRate: 1 },
  ]);
});

it('bins customers by equal mass, but never separates equal forecasts', () => {
  const options = { binning: 'EQUAL_MASS', bins: 3 } as const;
  const sizes = (...scores: number[]) =>
    reliabilityTable(forecastsOf(...scores.map((score): [number, 1] => [score, 1])), options).map(
      ({ count }) => count,
    );

  expect(sizes(0.1, 0.2, 0.3, 0.4, 0.5, 0.6)).toEqual([2, 2, 2]);
  expect(sizes(0.1, 0.5, 0.5, 0.5, 0.5, 0.6)).toEqual([5, 1]);
  expect(sizes(0.5, 0.5, 0.5)).toEqual([3]);
});

it('bins every customer and reports no calibration error for perfect forecasts', () => {
  fc.assert(
    fc.property(forecasts, fc.integer({ min: 1, max: 12 }), (all, bins) => {
      for (const binning of ['EQUAL_WIDTH', 'EQUAL_MASS'] as const) {
        const table = reliabilityTable(all, { binning, bins });
        expect(table.reduce((sum, { count }) => sum + count, 0)).toBe(all.length);
        expect(table.length).toBeLessThanOrEqual(bins);
        const error = calibrationError(all, { binning, bins });
        expect(error).toBeGreaterThanOrEqual(0);
        expect(error).toBeLessThanOrEqual(1);
        const known = all.map(({ outcome }) => ({ score: Number(outcome), outcome }));
        expect(calibrationError(known, { binning, bins })).toBe(0);
      }
    }),
  );
});

it('decomposes the Brier score exactly when each bin has one forecast', () => {
  fc.assert(
    fc.property(forecasts, (all) => {
      const { reliability, resolution, uncertainty } = decomposeBrier(all, {
        binning: 'EQUAL_MASS',
        bins: all.length,
      });

      expect(reliability - resolution + uncertainty).toBeCloseTo(brierScore(all), 10);
    }),
  );
});

it('reaches full gain at all customers, and most of it early for a good score', () => {
  const all = forecastsOf(
    [0.9, 1],
    [0.8, 1],
    [0.7, 0],
    [0.6, 1],
    [0.5, 0],
    [0.4, 0],
    [0.3, 0],
    [0.2, 0],
  );
  const curve = liftCurve(all, 4);

  expect(curve).toEqual([
    { share: 0.25, threshold: 0.8, gain: 2 / 3, precision: 1, lift: 8 / 3 },
    { share: 0.5, threshold: 0.6, gain: 1, precision: 0.75, lift: 2 },
    { share: 0.75, threshold: 0.4, gain: 1, precision: 0.5, lift: 4 / 3 },
    { share: 1, threshold: 0.2, gain: 1, precision: 3 / 8, lift: 1 },
  ]);
});

it('reports no lift for equal scores in any order', () => {
  const curve = liftCurve(forecastsOf([0.5, 1], [0.5, 1], [0.5, 0], [0.5, 0]), 4);

  expect(curve?.map(({ lift }) => lift)).toEqual([1, 1, 1, 1]);
  expect(liftCurve(forecastsOf([0.5, 0]))).toBeNull();
});

it('sums expected and actual purchases in total and by repeat purchases', () => {
  const outcomes = [
    { x: 0, expected: 0.5, actual: 0 },
    { x: 0, expected: 0.5, actual: 2 },
    { x: 7, expected: 3, actual: 2 },
    { x: 20, expected: 9, actual: 8 },
  ];

  expect(totalsOf(outcomes)).toEqual({
    customers: 4,
    expected: 13,
    actual: 12,
    ratio: 13 / 12,
    meanAbsoluteError: 1,
  });
  expect(tableByRepeats(outcomes)).toMatchObject([
    { x: 0, orMore: false, customers: 2, expected: 1, actual: 2, ratio: 0.5 },
    { x: 7, orMore: true, customers: 2, expected: 12, actual: 10, ratio: 1.2 },
  ]);
  expect(totalsOf([{ x: 0, expected: 1, actual: 0 }]).ratio).toBeNull();
});

it('refuses empty lists and invalid probabilities', () => {
  const code = expect.objectContaining({ code: 'INVALID_ARGUMENT' });

  for (const measure of [areaUnderCurve, brierScore, logLoss, calibrationError, liftCurve]) {
    expect(() => measure([])).toThrow(code);
    expect(() => measure(forecastsOf([Number.NaN, 1]))).toThrow(code);
  }
  expect(() => brierScore(forecastsOf([1.1, 1]))).toThrow(code);
  expect(areaUnderCurve(forecastsOf([-3, 0], [300, 1]))).toBe(1);
  expect(() => totalsOf([])).toThrow(code);
  expect(() => totalsOf([{ x: 0, expected: Number.NaN, actual: 0 }])).toThrow(code);
  expect(() => reliabilityTable(forecastsOf([0.5, 1]), { bins: 0 })).toThrow(code);
});
