import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  discountedLifetime,
  discountedResidualLifetime,
  fitShiftedBetaGeometric,
  lossProbability,
  type RenewalGroup,
  renewalLikelihood,
  renewalSurvival,
  retentionRate,
  toRenewalGroups,
} from '../../../src/statistics/models/shifted-beta-geometric.ts';
import { createDraws } from './simulate-customers.ts';

// Fader & Hardie 2007: percent of two cohorts still subscribed after each of twelve renewals.
const highEnd = [100, 86.9, 74.3, 65.3, 59.3, 55.1, 51.7, 49.1, 46.8, 44.5, 42.7, 40.9, 39.4];
const regular = [100, 63.1, 46.8, 38.2, 32.6, 28.9, 26.2, 24.1, 22.3, 20.7, 19.4, 18.3, 17.3];

const fitSeven = (percent: readonly number[]) => {
  const fit = fitShiftedBetaGeometric(toRenewalGroups(percent.slice(0, 8).map((one) => 10 * one)));
  if (!fit.converged) throw new Error(fit.message);
  return fit.parameters;
};

it('fits the High End and Regular cohorts as published', () => {
  expect(fitSeven(highEnd).alpha).toBeCloseTo(0.668, 3);
  expect(fitSeven(highEnd).beta).toBeCloseTo(3.806, 3);
  expect(fitSeven(regular).alpha).toBeCloseTo(0.704, 3);
  expect(fitSeven(regular).beta).toBeCloseTo(1.182, 3);
});

it('predicts the five held-out renewals', () => {
  for (const percent of [highEnd, regular]) {
    const parameters = fitSeven(percent);
    for (let t = 8; t <= 12; t += 1) {
      expect(Math.abs(100 * renewalSurvival(parameters, t) - (percent[t] ?? 0))).toBeLessThan(2);
    }
  }
});

const magnitude = fc.double({ min: -3, max: 3, noNaN: true }).map(Math.exp);
const parametersOf = fc.record({ alpha: magnitude, beta: magnitude });

it('computes retention and loss consistent with survival, and retention that rises', () => {
  fc.assert(
    fc.property(parametersOf, fc.integer({ min: 1, max: 200 }), (parameters, t) => {
      const [before, after] = [renewalSurvival(parameters, t - 1), renewalSurvival(parameters, t)];
      expect(after / before).toBeCloseTo(retentionRate(parameters, t), 10);
      expect(before - after).toBeCloseTo(lossProbability(parameters, t), 12);
      expect(retentionRate(parameters, t + 1)).toBeGreaterThan(retentionRate(parameters, t));
    }),
  );
});

it('computes discounted lifetimes equal to the discounted sum', () => {
  fc.assert(
    fc.property(
      parametersOf,
      fc.integer({ min: 1, max: 20 }),
      fc.double({ min: 0.02, max: 1, noNaN: true }),
      (parameters, period, discount) => {
        let [whole, rest] = [0, 0];
        for (let t = 0; t < 2_500; t += 1) {
          whole += renewalSurvival(parameters, t) / (1 + discount) ** t;
          const share = renewalSurvival(parameters, period + t);
          rest += share / renewalSurvival(parameters, period - 1) / (1 + discount) ** t;
        }
        expect(discountedLifetime(parameters, discount) / whole).toBeCloseTo(1, 9);
        expect(discountedResidualLifetime(parameters, { period, discount }) / rest).toBeCloseTo(
          1,
          9,
        );
      },
    ),
    { numRuns: 10 },
  );
});

it('computes the gradient that finite differences confirm', () => {
  const groups = toRenewalGroups(highEnd);
  const likelihood = renewalLikelihood(groups, 100);
  const at = [0.9, 2.7];
  const gradient = new Float64Array(2);
  likelihood(Float64Array.from(at), gradient);

  for (const [i, value] of at.entries()) {
    const beside = (by: number) =>
      likelihood(Float64Array.from(at.with(i, value + by)), new Float64Array(2));
    const slope = (beside(1e-5) - beside(-1e-5)) / 2e-5;
    expect(Math.abs((gradient[i] ?? 0) / slope - 1)).toBeLessThan(1e-6);
  }
});

it('recovers the parameters of cohorts of different ages', () => {
  const { beta, uniform } = createDraws(1);
  const groups: RenewalGroup[] = Array.from({ length: 20_000 }, (_, i) => {
    const leaving = beta(0.8, 2.4);
    const most = 1 + (i % 10);
    let renewals = 0;
    while (renewals < most && uniform() >= leaving) renewals += 1;
    return { renewals, isLost: renewals < most, count: 1 };
  });
  const fit = fitShiftedBetaGeometric(groups);

  if (!fit.converged) throw new Error(fit.message);
  expect(Math.abs(fit.parameters.alpha - 0.8) / fit.standardErrors.alpha).toBeLessThan(3.5);
  expect(Math.abs(fit.parameters.beta - 2.4) / fit.standardErrors.beta).toBeLessThan(3.5);
});

it.each([
  ['no customers', []],
  ['a cohort without losses', [{ renewals: 5, isLost: false, count: 100 }]],
  ['a cohort without renewals', [{ renewals: 0, isLost: true, count: 100 }]],
])('reports a failed fit to %s', (_, groups) => {
  expect(fitShiftedBetaGeometric(groups)).toMatchObject({ converged: false });
});

it('fits such cohorts with a prior', () => {
  const prior = { centres: { alpha: 1, beta: 4 }, sd: 1 };
  const fit = fitShiftedBetaGeometric([{ renewals: 5, isLost: false, count: 100 }], { prior });

  if (!fit.converged) throw new Error(fit.message);
  expect(retentionRate(fit.parameters, 6)).toBeGreaterThan(0.9);
});

it('refuses increasing survivors, fractional renewals and lifetimes without discount', () => {
  const code = expect.objectContaining({ code: 'INVALID_ARGUMENT' });
  const parameters = { alpha: 1, beta: 2 };

  expect(() => toRenewalGroups([100, 50, 60])).toThrow(code);
  expect(() => toRenewalGroups([100, Number.NaN])).toThrow(code);
  expect(() => retentionRate(parameters, 0)).toThrow(code);
  expect(() => renewalSurvival(parameters, 1.5)).toThrow(code);
  expect(() => discountedLifetime(parameters, 0)).toThrow(code);
  expect(() => renewalSurvival({ alpha: -1, beta: 2 }, 1)).toThrow(
    expect.objectContaining({ code: 'INVALID_PARAMETERS' }),
  );
});
