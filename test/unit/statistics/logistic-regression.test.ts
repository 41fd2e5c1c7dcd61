import fc from 'fast-check';
import { expect, it } from 'vitest';
import { areaUnderCurve } from '../../../src/statistics/backtest/area-under-curve.ts';
import { brierScore, logLoss } from '../../../src/statistics/backtest/proper-scores.ts';
import { calibrationError } from '../../../src/statistics/backtest/reliability.ts';
import type { LogisticRow } from '../../../src/statistics/models/logistic-design.ts';
import { logisticObjective } from '../../../src/statistics/models/logistic-objective.ts';
import {
  explainLogistic,
  fitLogistic,
  predictLogistic,
} from '../../../src/statistics/models/logistic-regression.ts';
import { toProbability } from '../../../src/statistics/models/numerics/log-odds.ts';
import { isReferenceMissing, published, readTelco } from './reference-data.ts';
import { createDraws } from './simulate-customers.ts';

function simulate(seed: number, cases: number): LogisticRow[] {
  const { normal, uniform } = createDraws(seed);
  return Array.from({ length: cases }, () => {
    const features = [100 + 20 * normal(), Number(uniform() < 0.3)];
    const logOdds = -6 + 0.05 * (features[0] ?? 0) + 1.5 * (features[1] ?? 0);
    return { features, outcome: uniform() < toProbability(logOdds) };
  });
}

function requireFit(rows: readonly LogisticRow[], options?: Parameters<typeof fitLogistic>[1]) {
  const fit = fitLogistic(rows, options);
  if (!fit.converged) throw new Error(fit.message);
  return fit;
}

it.skipIf(isReferenceMissing)('predicts held-out telco customers as well as R', () => {
  const rows = readTelco().map(({ columns, hasChurned }) => ({
    features: Object.values(columns),
    outcome: hasChurned,
  }));
  const forecasts = [0, 1, 2, 3, 4].flatMap((fold) => {
    const { model } = requireFit(rows.filter((_, i) => i % 5 !== fold));
    return rows
      .filter((_, i) => i % 5 === fold)
      .map(({ features, outcome }) => ({ score: predictLogistic(model, features), outcome }));
  });
  const found: Record<string, number> = {
    auc: areaUnderCurve(forecasts) ?? Number.NaN,
    brier: brierScore(forecasts),
    logloss: logLoss(forecasts),
    ece10: calibrationError(forecasts),
  };
  const { expected, tolerance } = published<Record<string, number>>('telco.glm');

  for (const [name, wanted] of Object.entries(expected)) {
    const allowed = typeof tolerance === 'number' ? tolerance : (tolerance[name] ?? 0);
    expect(Math.abs((found[name] ?? Number.NaN) - wanted), name).toBeLessThanOrEqual(allowed);
  }
  expect(found['auc']).toBeCloseTo(0.845303, 4);
  expect(found['brier']).toBeCloseTo(0.135431, 4);
  expect(found['logloss']).toBeCloseTo(0.417372, 4);
});

it('recovers simulated coefficients within the standard errors', () => {
  const { model, standardErrors } = requireFit(simulate(1, 20_000));

  if (!standardErrors) throw new Error('There are no standard errors');
  for (const [j, wanted] of [0.05, 1.5].entries()) {
    const error = standardErrors.coefficients[j] ?? Number.NaN;
    expect(Math.abs((model.coefficients[j] ?? Number.NaN) - wanted) / error).toBeLessThan(3.5);
  }
  expect(Math.abs(model.intercept + 6) / standardErrors.intercept).toBeLessThan(3.5);
});

it('reproduces the odds ratio of a two-by-two table and its standard error', () => {
  const { model, standardErrors } = requireFit([
    { features: [1], outcome: true, count: 30 },
    { features: [1], outcome: false, count: 10 },
    { features: [0], outcome: true, count: 20 },
    { features: [0], outcome: false, count: 40 },
  ]);

  expect(model.coefficients[0]).toBeCloseTo(Math.log((30 * 40) / (10 * 20)), 8);
  expect(model.intercept).toBeCloseTo(Math.log(20 / 40), 8);
  expect(standardErrors?.coefficients[0]).toBeCloseTo(
    Math.sqrt(1 / 30 + 1 / 10 + 1 / 20 + 1 / 40),
    6,
  );
  expect(standardErrors?.intercept).toBeCloseTo(Math.sqrt(1 / 20 + 1 / 40), 6);
});

it('computes the gradient that finite differences confirm', () => {
  const objective = logisticObjective({
    width: 2,
    features: Float64Array.of(1, 2, -1, 0.5, 3, -2),
    targets: Float64Array.of(1, 0.25, 0),
    weights: Float64Array.of(1, 2, 3),
    n: 6,
  });
  const at = [0.3, -0.4, 0.8];
  const gradient = new Float64Array(3);
  objective(Float64Array.from(at), gradient);

  for (const [i, value] of at.entries()) {
    const beside = (by: number) =>
      objective(Float64Array.from(at.with(i, value + by)), new Float64Array(3));
    const slope = (beside(1e-5) - beside(-1e-5)) / 2e-5;
    expect(Math.abs((gradient[i] ?? 0) / slope - 1)).toBeLessThan(1e-6);
  }
});

it('explains a prediction by contributions that add up to it', () => {
  const { model } = requireFit(simulate(2, 500));
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 300 }), fc.boolean(), (charge, flag) => {
      const features = [charge, Number(flag)];
      const { base, contributions, logOdds } = explainLogistic(model, features);
      const direct = features.reduce(
        (sum, value, j) => sum + value * (model.coefficients[j] ?? 0),
        model.intercept,
      );

      expect(contributions.reduce((sum, part) => sum + part, base)).toBe(logOdds);
      expect(logOdds).toBeCloseTo(direct, 10);
      expect(predictLogistic(model, features)).toBe(toProbability(logOdds));
    }),
  );
  expect(explainLogistic(model, model.means).contributions).toEqual([0, 0]);
});

it('treats a grouped row like the number of its cases', () => {
  const rows = simulate(3, 300);
  const thrice = requireFit([...rows, ...rows, ...rows]);
  const grouped = requireFit(rows.map((row) => ({ ...row, count: 3 })));

  expect(grouped.n).toBe(900);
  expect(grouped.logLikelihood).toBeCloseTo(thrice.logLikelihood, 6);
  expect(grouped.model.coefficients[0]).toBeCloseTo(thrice.model.coefficients[0] ?? 0, 6);
});

it('predicts the same with duplicate or constant features', () => {
  const rows = simulate(4, 500);
  const plain = requireFit(rows);
  const padded = requireFit(
    rows.map(({ features, outcome }) => ({
      features: [...features, features[0] ?? 0, 7],
      outcome,
    })),
  );
  const [first] = rows;
  if (!first) throw new Error('There is no row');

  expect(padded.standardErrors).toBeNull();
  expect(padded.model.coefficients[3]).toBe(0);
  expect(predictLogistic(padded.model, [...first.features, first.features[0] ?? 0, 7])).toBeCloseTo(
    predictLogistic(plain.model, first.features),
    6,
  );
});

const separated: LogisticRow[] = [
  ...[1, 2, 3].map((value) => ({ features: [value, 0], outcome: false })),
  ...[4, 5, 6].map((value) => ({ features: [value, 1], outcome: true })),
];

it('reports perfect separation instead of huge coefficients', () => {
  expect(fitLogistic(separated)).toMatchObject({ converged: false, reason: 'SEPARATED' });
  // Only some rows are separated here.
  const half = [...simulate(5, 200), { features: [100, 5], outcome: true, count: 20 }].map(
    ({ features: [charge = 0, flag = 0], ...rest }) => ({
      features: [charge, Number(flag === 5)],
      ...rest,
    }),
  );
  expect(fitLogistic(half)).toMatchObject({ converged: false, reason: 'SEPARATED' });
});

it('fits separated data with a prior, shrinking towards its means', () => {
  const ridge = requireFit(separated, { prior: { sd: 1 } });
  const pulled = requireFit(separated, { prior: { sd: 0.01, means: [0.5, -0.25] } });

  expect(Math.abs(ridge.model.coefficients[0] ?? 0)).toBeLessThan(5);
  const deviation = Math.sqrt(35 / 12);
  expect((pulled.model.coefficients[0] ?? 0) * deviation).toBeCloseTo(0.5, 2);
  expect((pulled.model.coefficients[1] ?? 0) * 0.5).toBeCloseTo(-0.25, 2);
});

it('reports a failed fit without cases or with equal outcomes', () => {
  expect(fitLogistic([])).toMatchObject({ converged: false, reason: 'NO_CUSTOMERS' });
  expect(fitLogistic([{ features: [1], outcome: true }])).toMatchObject({
    converged: false,
    reason: 'NOTHING_TO_LEARN',
  });
});

it('refuses non-numeric features and rows of different widths', () => {
  const code = expect.objectContaining({ code: 'INVALID_ARGUMENT' });
  const { model } = requireFit(simulate(6, 200));

  expect(() => fitLogistic([{ features: [Number.NaN], outcome: true }])).toThrow(code);
  expect(() => fitLogistic([{ features: [1], outcome: true, count: 0 }])).toThrow(code);
  expect(() =>
    fitLogistic([
      { features: [1], outcome: true },
      { features: [1, 2], outcome: false },
    ]),
  ).toThrow(code);
  expect(() => predictLogistic(model, [1])).toThrow(code);
  expect(() => predictLogistic(model, [1, Number.POSITIVE_INFINITY])).toThrow(code);
});
