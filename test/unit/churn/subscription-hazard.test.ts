import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { HazardCase } from '../../../src/domains/churn/subscription/hazard-design.ts';
import {
  explainHazard,
  fitHazard,
  type HazardModel,
  predictHazard,
} from '../../../src/domains/churn/subscription/hazard-model.ts';
import {
  backtestRenewals,
  fitRenewalHazard,
} from '../../../src/domains/churn/subscription/renewal-hazard.ts';
import {
  type RenewalMeasure,
  renewalMeasures,
} from '../../../src/domains/churn/subscription/renewal-measures.ts';
import {
  type RenewalRow,
  renewalRows,
} from '../../../src/domains/churn/subscription/renewal-rows.ts';
import { renewalGrace } from '../../../src/domains/churn/subscription/subscription-history.ts';
import { msPerDay } from '../../../src/platform/time/ms-per-day.ts';
import { areaUnderCurve } from '../../../src/statistics/backtest/area-under-curve.ts';
import { brierScore } from '../../../src/statistics/backtest/proper-scores.ts';
import { calibrationError } from '../../../src/statistics/backtest/reliability.ts';
import { toProbability } from '../../../src/statistics/models/numerics/log-odds.ts';
import { calibrate } from '../../../src/statistics/models/platt-scaling.ts';
import { createDraws } from '../statistics/simulate-customers.ts';
import { simulateSubscriptions, truth } from './simulate-subscriptions.ts';

const until = Date.parse('2026-01-01T00:00Z');
const simulateRows = (seed: number, customers: number) =>
  renewalRows(simulateSubscriptions(seed, { customers, until }), { until, timeZone: 'UTC' });

function requireFit<M extends string>(
  cases: readonly HazardCase<M>[],
  measures: readonly M[],
  options?: Parameters<typeof fitHazard<M>>[2],
) {
  const fit = fitHazard(cases, measures, options);
  if (!fit.converged) throw new Error(fit.message);
  return fit;
}

const coefficient = (model: HazardModel<RenewalMeasure>, name: RenewalMeasure) =>
  model.logistic.coefficients.at(model.measures.indexOf(name) - model.measures.length) ?? 0;

it('recovers the simulated causes of churn from events', () => {
  const { model, decided, lost } = requireFit(simulateRows(1, 8_000), renewalMeasures, {
    prior: null,
  });

  expect(decided).toBeGreaterThan(20_000);
  expect(lost).toBeGreaterThan(3_000);
  expect(model.plans).toEqual({ reference: 'Pro', own: ['Basic'], hasOther: false });
  // Three and a half standard errors.
  expect(Math.abs((model.logistic.coefficients[0] ?? 0) - truth.basic)).toBeLessThan(0.13);
  for (const name of ['paymentFailed', 'lowSatisfaction'] as const) {
    expect(Math.abs(coefficient(model, name) - truth[name]), name).toBeLessThan(0.13);
  }
});

it('is calibrated on unseen subscribers', () => {
  const { model } = requireFit(simulateRows(2, 2_000), renewalMeasures);
  const forecasts = simulateRows(3, 8_000).map((row) => ({
    score: predictHazard(model, row),
    outcome: row.isLost,
  }));

  expect(calibrationError(forecasts)).toBeLessThan(0.02);
});

it('calibrates a score that is too low by the latest renewals', () => {
  const { uniform } = createDraws(4);
  const draw = (rate: number): HazardCase<'x'> => {
    const x = uniform() < 0.5 ? 1 : 0;
    return { plan: 'Basic', measures: { x }, isLost: uniform() < rate * (1 + x) };
  };
  const cases = Array.from({ length: 4_000 }, () => draw(0.1));
  const heldOut = Array.from({ length: 4_000 }, () => draw(0.3));
  const { model } = requireFit(cases, ['x'], { heldOut });
  const [low, high] = [0, 1].map((x) => predictHazard(model, { plan: 'Basic', measures: { x } }));

  expect(low).toBeCloseTo(0.3, 1);
  expect(high).toBeCloseTo(0.6, 1);
  const raw = predictHazard({ ...model, calibration: null }, { plan: 'Basic', measures: { x: 0 } });
  expect(raw).toBeCloseTo(0.1, 1);
});

it('fits all cases if too few are held out for calibration', () => {
  const [cases, few] = [simulateRows(12, 500), simulateRows(13, 20)];
  const { model, decided } = requireFit(cases, renewalMeasures, { heldOut: few });

  expect(decided).toBe(cases.length + few.length);
  expect(model).toEqual(requireFit([...cases, ...few], renewalMeasures).model);
});

it('refuses a score that the latest renewals contradict', () => {
  const draw = (sign: number, i: number): HazardCase<'x'> => ({
    plan: null,
    measures: { x: sign * (i % 2) },
    isLost: i % 3 === 0 || i % 2 === 1,
  });
  const cases = Array.from({ length: 300 }, (_, i) => draw(1, i));
  const heldOut = Array.from({ length: 300 }, (_, i) => draw(-1, i));

  expect(fitHazard(cases, ['x'], { heldOut })).toMatchObject({
    converged: false,
    reason: 'RANKS_BACKWARDS',
  });
});

const { model: corrected } = requireFit(simulateRows(5, 600), renewalMeasures, {
  heldOut: simulateRows(6, 600),
});
const anyMeasure = fc.double({ min: -1e6, max: 1e6, noNaN: true });
const anyRenewal = fc.record({
  plan: fc.option(fc.constantFrom('Basic', 'Pro', 'Gone', '__proto__')),
  measures: fc.record({
    tenure: anyMeasure,
    logTenure: anyMeasure,
    usageChange: anyMeasure,
    paymentFailed: anyMeasure,
    lowSatisfaction: anyMeasure,
    unknownSatisfaction: anyMeasure,
  }),
});

it('has contributions that add up to the calibrated log-odds exactly', () => {
  expect(corrected.calibration).not.toBeNull();
  fc.assert(
    fc.property(anyRenewal, (renewal) => {
      const { base, plan, measures, logOdds, probability } = explainHazard(corrected, renewal);
      const sum = renewalMeasures.reduce((total, name) => total + measures[name], base + plan);

      expect(sum).toBe(logOdds);
      expect(probability).toBe(toProbability(logOdds));
      expect(predictHazard(corrected, renewal)).toBe(probability);
    }),
  );
});

it('equals Platt scaling of the uncalibrated score', () => {
  const calibration = corrected.calibration ?? { slope: 0, intercept: 0 };
  for (const row of simulateRows(7, 50)) {
    const raw = predictHazard({ ...corrected, calibration: null }, row);

    expect(predictHazard(corrected, row)).toBeCloseTo(calibrate(calibration, raw), 12);
  }
});

it('predicts the same after a round trip through JSON', () => {
  const stored = JSON.parse(JSON.stringify(corrected)) as typeof corrected;
  for (const row of simulateRows(8, 50)) {
    expect(predictHazard(stored, row)).toBe(predictHazard(corrected, row));
  }
});

const planCases = (plan: string | null, count: number): HazardCase<never>[] => [
  { plan, measures: {}, isLost: true, count: count / 4 },
  { plan, measures: {}, isLost: false, count: (3 * count) / 4 },
];

it('pools rare and unknown plans, and fits a coefficient for each other plan', () => {
  const cases = [
    ...planCases('Pro', 200),
    ...planCases('Basic', 400),
    ...planCases('Trial', 8),
    ...planCases(null, 4),
  ];
  const { model } = requireFit(cases, []);

  expect(model.plans).toEqual({ reference: 'Basic', own: ['Pro'], hasOther: true });
  const ofOther = predictHazard(model, { plan: 'Trial', measures: {} });
  expect(predictHazard(model, { plan: 'Never seen', measures: {} })).toBe(ofOther);
  expect(predictHazard(model, { plan: null, measures: {} })).toBe(ofOther);
});

it('treats an unknown plan as average', () => {
  const lost = { plan: 'Pro', measures: {}, isLost: true, count: 300 };
  const { model } = requireFit([...planCases('Pro', 200), lost, ...planCases('Basic', 400)], []);
  const { plan, logOdds, base } = explainHazard(model, { plan: 'Never seen', measures: {} });

  expect(plan).toBe(0);
  expect(logOdds).toBe(base);
});

it('has no plan features if all plans are rare', () => {
  const cases = Array.from({ length: 20 }, (_, i) => planCases(`Plan ${i}`, 20)).flat();
  const { model } = requireFit(cases, []);

  expect(model.plans).toEqual({ reference: null, own: [], hasOther: false });
  expect(predictHazard(model, { plan: 'Plan 3', measures: {} })).toBeCloseTo(0.25, 6);
});

it.each([
  ['no renewals', [], { decided: 100, lost: 30, renewed: 30 }],
  ['one renewal', planCases('Basic', 4).slice(0, 1), { decided: 99, lost: 29, renewed: 30 }],
  [
    '99 renewals',
    [...planCases('Basic', 96), ...planCases('Pro', 4).slice(1)],
    { decided: 1, lost: 6, renewed: 0 },
  ],
])('reports the data missing for a fit to %s', (_, cases, missing) => {
  expect(fitHazard(cases, [])).toMatchObject({ converged: false, reason: 'INSUFFICIENT', missing });
});

it('reports missing losses if all renew, and missing renewals if none do', () => {
  const alike = (isLost: boolean) =>
    fitHazard([{ plan: 'Basic', measures: {}, isLost, count: 1_000 }], []);

  expect(alike(false)).toMatchObject({ missing: { decided: 0, lost: 30, renewed: 0 } });
  expect(alike(true)).toMatchObject({ missing: { decided: 0, lost: 0, renewed: 30 } });
});

it('predicts the base rate for identical customers', () => {
  const measures = { x: 7 };
  const cases = [
    { plan: 'Basic', measures, isLost: true, count: 50 },
    { plan: 'Basic', measures, isLost: false, count: 150 },
  ];
  const { model } = requireFit(cases, ['x'], { heldOut: cases });

  expect(model.calibration).toBeNull();
  expect(predictHazard(model, { plan: 'Basic', measures })).toBeCloseTo(0.25, 6);
});

it('stays finite under perfect separation', () => {
  const cases = [0, 1].map((x) => ({ plan: null, measures: { x }, isLost: x === 1, count: 100 }));

  expect(fitHazard(cases, ['x'], { prior: null })).toMatchObject({ reason: 'SEPARATED' });
  const { model } = requireFit(cases, ['x']);
  expect(predictHazard(model, { plan: null, measures: { x: 1 } })).toBeLessThan(1);
});

it('refuses non-numeric measures and counts', () => {
  const code = expect.objectContaining({ code: 'INVALID_ARGUMENT' });
  const [lost, kept] = [{ isLost: true }, { isLost: false }].map(({ isLost }) => ({
    plan: null,
    measures: { x: 1 },
    isLost,
    count: 100,
  }));
  if (!lost || !kept) throw new Error('There are no cases');
  const { model } = requireFit([lost, kept], ['x']);

  expect(() => fitHazard([{ ...lost, measures: { x: Number.NaN } }, kept], ['x'])).toThrow(code);
  expect(() => fitHazard([{ ...lost, count: Number.NaN }, kept], ['x'])).toThrow(code);
  expect(() => predictHazard(model, { plan: null, measures: { x: Number.NaN } })).toThrow(code);
  expect(() => predictHazard(model, { plan: null, measures: {} as { x: number } })).toThrow(code);
});

it('back-tests a fit of decided renewals on later ones', () => {
  const rows = simulateRows(9, 3_000);
  const from = until - 200 * msPerDay;
  const found = backtestRenewals(rows, from);
  if ('reason' in found) throw new Error(found.message);

  expect(found.hazard).toHaveLength(rows.filter(({ dueAt }) => dueAt >= from).length);
  expect(areaUnderCurve(found.hazard)).toBeGreaterThan(0.7);
  expect(calibrationError(found.hazard)).toBeLessThan(0.03);
  expect(brierScore(found.hazard)).toBeLessThan(brierScore(found.baseline));
});

it('does not use the outcomes of the predicted renewals', () => {
  const rows = simulateRows(10, 1_000);
  const from = until - 200 * msPerDay;
  const altered = rows.map((row) =>
    row.dueAt + renewalGrace > from ? { ...row, isLost: !row.isLost } : row,
  );
  const scoresOf = (some: readonly RenewalRow[]) => {
    const found = backtestRenewals(some, from);
    if ('reason' in found) throw new Error(found.message);
    return [...found.hazard, ...found.baseline].map(({ score }) => score);
  };

  expect(scoresOf(altered)).toEqual(scoresOf(rows));
});

it('is calibrated by the latest quarter, for every order of rows', () => {
  const rows = simulateRows(11, 600);
  const [one, other] = [rows, rows.toReversed()].map((some) => fitRenewalHazard(some));

  expect(one).toMatchObject({ converged: true, decided: rows.length });
  if (!one?.converged || !other?.converged) throw new Error('There is no fit');
  expect(one.model.calibration).not.toBeNull();
  for (const row of rows.slice(0, 50)) {
    expect(predictHazard(other.model, row)).toBeCloseTo(predictHazard(one.model, row), 6);
  }
});

it('reports missing data if there is nothing to back-test', () => {
  expect(backtestRenewals([], until)).toMatchObject({ reason: 'INSUFFICIENT' });
  expect(fitRenewalHazard([])).toMatchObject({ reason: 'INSUFFICIENT' });
});
