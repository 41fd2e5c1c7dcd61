import fc from 'fast-check';
import { expect, it } from 'vitest';
import { calibrationError } from '../../../src/statistics/backtest/reliability.ts';
import { toLogOdds, toProbability } from '../../../src/statistics/models/numerics/log-odds.ts';
import {
  calibrate,
  fitCalibration,
  type ScoredOutcome,
} from '../../../src/statistics/models/platt-scaling.ts';
import { createDraws } from './simulate-customers.ts';

/** Overconfident scores that are too high. */
function simulate(seed: number, cases: number): ScoredOutcome[] {
  const { normal, uniform } = createDraws(seed);
  return Array.from({ length: cases }, () => {
    const logOdds = 2 * normal();
    const outcome = uniform() < toProbability(0.5 * logOdds - 0.7);
    return { score: toProbability(logOdds), outcome };
  });
}

function requireFit(outcomes: readonly ScoredOutcome[]) {
  const fit = fitCalibration(outcomes);
  if (!fit.converged) throw new Error(fit.message);
  return fit.calibration;
}

it('calibrates the scores of a window by the outcomes of an earlier one', () => {
  const calibration = requireFit(simulate(1, 20_000));
  const later = simulate(2, 20_000);
  const calibrated = later.map(({ score, outcome }) => ({
    score: calibrate(calibration, score),
    outcome,
  }));

  expect(calibration.slope).toBeCloseTo(0.5, 1);
  expect(calibration.intercept).toBeCloseTo(-0.7, 1);
  expect(calibrationError(later)).toBeGreaterThan(0.1);
  expect(calibrationError(calibrated)).toBeLessThan(0.02);
});

it('keeps the order of scores', () => {
  const calibration = requireFit(simulate(3, 500));
  const score = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(score, score, (one, other) => {
      const [low, high] = [Math.min(one, other), Math.max(one, other)];
      expect(calibrate(calibration, low)).toBeLessThanOrEqual(calibrate(calibration, high));
    }),
  );
});

it('stays finite for scores of 0 and 1 and under perfect separation', () => {
  const calibration = requireFit([
    { score: 0, outcome: false, count: 10 },
    { score: 1, outcome: true, count: 10 },
  ]);
  const [low, high] = [calibrate(calibration, 0), calibrate(calibration, 1)];

  // Platt's targets: (0 + 1) / (10 + 2) and (10 + 1) / (10 + 2).
  expect(low).toBeCloseTo(1 / 12, 6);
  expect(high).toBeCloseTo(11 / 12, 6);
  expect(toLogOdds(high)).toBeCloseTo(-toLogOdds(low), 5);
});

it('does not invert a score that ranks backwards', () => {
  const backwards = simulate(4, 500).map(({ score, outcome }) => ({ score: 1 - score, outcome }));

  expect(fitCalibration(backwards)).toMatchObject({ converged: false, reason: 'RANKS_BACKWARDS' });
});

it('reports a failed calibration without information', () => {
  expect(fitCalibration([])).toMatchObject({ reason: 'NO_CUSTOMERS' });
  expect(
    fitCalibration([
      { score: 0.2, outcome: true },
      { score: 0.7, outcome: true },
    ]),
  ).toMatchObject({ reason: 'NOTHING_TO_LEARN' });
  expect(
    fitCalibration([
      { score: 0.5, outcome: true },
      { score: 0.5, outcome: false },
    ]),
  ).toMatchObject({ reason: 'NOTHING_TO_LEARN' });
});

it.each([-0.1, 1.1, Number.NaN])('refuses a score of %d', (score) => {
  const code = expect.objectContaining({ code: 'INVALID_ARGUMENT' });

  expect(() => fitCalibration([{ score, outcome: true }])).toThrow(code);
  expect(() => calibrate({ slope: 1, intercept: 0 }, score)).toThrow(code);
});
