import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  defaultSpendPrior,
  expectedValue,
  fitGammaGamma,
  gammaGammaLikelihood,
  type Spend,
} from '../../../src/statistics/models/gamma-gamma.ts';
import { checkSpendIndependence } from '../../../src/statistics/models/spend-independence.ts';
import { createDraws } from './simulate-customers.ts';

const parameters = { p: 5, q: 3.5, v: 20 };

function simulateSpend(seed: number, customers: number): Spend[] {
  const { gamma, uniform } = createDraws(seed);
  return Array.from({ length: customers }, () => {
    const x = 1 + Math.floor(6 * uniform());
    const scale = gamma(parameters.q, parameters.v);
    return { x, m: gamma(parameters.p * x, scale) / x };
  });
}

it('recovers the parameters of simulated spend', () => {
  const fit = fitGammaGamma(simulateSpend(1, 10_000));

  if (!fit.converged) throw new Error(fit.message);
  for (const name of ['p', 'q', 'v'] as const) {
    const error = Math.abs(fit.parameters[name] - parameters[name]) / fit.standardErrors[name];
    expect(error, name).toBeLessThan(3.5);
  }
});

it('computes the gradient that finite differences confirm', () => {
  const likelihood = gammaGammaLikelihood(simulateSpend(2, 50), 50);
  const at = [4, 2, 30];
  const gradient = new Float64Array(3);
  likelihood(Float64Array.from(at), gradient);

  for (const [i, value] of at.entries()) {
    const step = 1e-5 * value;
    const beside = (by: number) =>
      likelihood(Float64Array.from(at.with(i, value + by)), new Float64Array(3));
    const slope = (beside(step) - beside(-step)) / (2 * step);
    expect(Math.abs((gradient[i] ?? 0) / slope - 1)).toBeLessThan(1e-6);
  }
});

it("shrinks a customer's mean less towards the population's, the more purchases it has", () => {
  const mean = expectedValue(parameters, { x: 0, m: null });
  const seen = [1, 5, 100].map((x) => expectedValue(parameters, { x, m: 100 }));

  expect(mean).toBe((5 * 20) / 2.5);
  expect(seen).toEqual(seen.toSorted((left, right) => left - right));
  expect(seen.every((value) => value > mean && value < 100)).toBe(true);
});

it('fits amounts in cents and in euros equally', () => {
  const euros = simulateSpend(3, 500);
  const fits = [euros, euros.map(({ x, m }) => ({ x, m: 100 * m }))].map((spends) =>
    fitGammaGamma(spends),
  );
  const [inEuros, inCents] = fits;

  if (!inEuros?.converged || !inCents?.converged) throw new Error('There is no fit');
  expect(inCents.parameters.v / inEuros.parameters.v).toBeCloseTo(100, 3);
  expect(inCents.parameters.q).toBeCloseTo(inEuros.parameters.q, 5);
});

it('treats a group like the number of its customers', () => {
  const spends = simulateSpend(4, 200);
  const twice = fitGammaGamma([...spends, ...spends]);
  const grouped = fitGammaGamma(spends.map((spend) => ({ ...spend, count: 2 })));

  if (!twice.converged || !grouped.converged) throw new Error('There is no fit');
  expect(grouped.logLikelihood).toBeCloseTo(twice.logLikelihood, 6);
  expect(grouped.n).toBe(400);
});

it.each([0, -5, Number.NaN, Number.POSITIVE_INFINITY, 1e300])(
  'refuses a mean value of %d in fits and predictions',
  (m) => {
    const code = expect.objectContaining({ code: 'INVALID_PURCHASE' });

    expect(() => fitGammaGamma([{ x: 1, m }])).toThrow(code);
    expect(() => expectedValue(parameters, { x: 1, m })).toThrow(code);
  },
);

it('refuses customers without repeat purchases, and parameters with an infinite mean', () => {
  expect(() => fitGammaGamma([{ x: 0, m: 10 }])).toThrow(
    expect.objectContaining({ code: 'INVALID_PURCHASE' }),
  );
  expect(() => expectedValue({ p: 5, q: 1, v: 20 }, { x: 0, m: null })).toThrow(
    expect.objectContaining({
      code: 'INVALID_PARAMETERS',
      message: 'The parameter q must be above 1, not 1. Use those of a fit that converged.',
    }),
  );
});

it('reports a failed fit to no, one or identical customers', () => {
  expect(fitGammaGamma([])).toMatchObject({ converged: false, reason: 'NO_CUSTOMERS' });
  expect(fitGammaGamma([{ x: 3, m: 20 }]).converged).toBe(false);
  expect(fitGammaGamma([{ x: 3, m: 20, count: 100 }]).converged).toBe(false);
});

it('fits few customers with a prior scaled to their spend', () => {
  const spends = [{ x: 3, m: 2_000 }];
  const fit = fitGammaGamma(spends, { prior: defaultSpendPrior(spends) });

  if (!fit.converged) throw new Error(fit.message);
  expect(fit.parameters.q).toBeGreaterThan(1);
  expect(expectedValue(fit.parameters, { x: 0, m: null })).toBeGreaterThan(1_000);
  expect(expectedValue(fit.parameters, { x: 0, m: null })).toBeLessThan(4_000);
});

it('warns when spend depends on frequency', () => {
  const spends = (slope: number) =>
    Array.from({ length: 40 }, (_, i) => ({ x: 1 + (i % 8), m: 50 + slope * (i % 8) + (i % 5) }));

  expect(checkSpendIndependence(spends(0)).isDoubtful).toBe(false);
  expect(checkSpendIndependence(spends(4)).isDoubtful).toBe(true);
  expect(checkSpendIndependence(spends(-4)).isDoubtful).toBe(true);
  expect(checkSpendIndependence([{ x: 1, m: 5 }])).toEqual({
    correlation: null,
    isDoubtful: false,
  });
});

it('computes the same correlation for every grouping', () => {
  const spend = fc.record({
    x: fc.integer({ min: 1, max: 9 }),
    m: fc.integer({ min: 1, max: 99 }),
  });
  fc.assert(
    fc.property(fc.array(spend, { minLength: 2, maxLength: 20 }), (spends) => {
      const once = checkSpendIndependence(spends).correlation;
      const thrice = checkSpendIndependence(spends.map((one) => ({ ...one, count: 3 })));

      if (once === null) expect(thrice.correlation).toBeNull();
      else expect(thrice.correlation).toBeCloseTo(once, 10);
    }),
  );
});
