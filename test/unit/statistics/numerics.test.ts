import digammaOracle from '@stdlib/math-base-special-digamma';
import logGammaOracle from '@stdlib/math-base-special-gammaln';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { risesTo } from '../../../src/statistics/models/numerics/bisect.ts';
import { inverseCurvature } from '../../../src/statistics/models/numerics/curvature.ts';
import { digamma } from '../../../src/statistics/models/numerics/digamma.ts';
import { gaussLegendre } from '../../../src/statistics/models/numerics/gauss-legendre.ts';
import { gauss2F1 } from '../../../src/statistics/models/numerics/hypergeometric.ts';
import { logBeta } from '../../../src/statistics/models/numerics/log-beta.ts';
import { logGamma } from '../../../src/statistics/models/numerics/log-gamma.ts';
import {
  logOnePlusExp,
  toLogOdds,
  toProbability,
} from '../../../src/statistics/models/numerics/log-odds.ts';
import { logRising, logRisingSlope } from '../../../src/statistics/models/numerics/log-rising.ts';
import { logSumExp } from '../../../src/statistics/models/numerics/log-sum-exp.ts';
import { minimise, type Objective } from '../../../src/statistics/models/numerics/minimise.ts';
import { HorizonTooLong } from '../../../src/statistics/refusals.ts';

/** Positive numbers over many orders of magnitude. */
const magnitude = (least: number, most: number) =>
  fc.double({ min: Math.log(least), max: Math.log(most), noNaN: true }).map(Math.exp);

const error = (found: number, wanted: number) =>
  Math.abs(found - wanted) / Math.max(1, Math.abs(wanted));

it('computes ln Γ like another library, for tiny to huge arguments', () => {
  fc.assert(
    fc.property(magnitude(1e-12, 1e12), (x) => error(logGamma(x), logGammaOracle(x)) < 1e-14),
    { numRuns: 2_000 },
  );
});

it('computes the digamma function like another library', () => {
  fc.assert(
    fc.property(magnitude(1e-6, 1e12), (x) => error(digamma(x), digammaOracle(x)) < 1e-14),
    { numRuns: 2_000 },
  );
});

it('distinguishes consecutive factorials', () => {
  let factorial = 1;
  for (let n = 1; n <= 170; n += 1) {
    factorial *= n;
    expect(error(logGamma(n + 1), Math.log(factorial))).toBeLessThan(4e-15);
  }
  expect(logBeta(2, 3)).toBeCloseTo(Math.log(1 / 12), 14);
});

it('computes rising factorials consistent with the gamma function for any number of factors', () => {
  const inputs = [magnitude(1e-3, 1e3), fc.nat({ max: 400 })] as const;
  fc.assert(
    fc.property(...inputs, (a, n) => {
      const wanted = logGammaOracle(a + n) - logGammaOracle(a);
      expect(error(logRising(a, n), wanted)).toBeLessThan(1e-12);
      const slope = digammaOracle(a + n) - digammaOracle(a);
      expect(error(logRisingSlope(a, n), slope)).toBeLessThan(1e-12);
    }),
  );
});

it('computes rising factorials precisely where two gamma functions would cancel', () => {
  expect(logRising(1e15, 20)).toBeCloseTo(20 * Math.log(1e15), 10);
  expect(logRising(1e-200, 3)).toBeCloseTo(Math.log(2e-200), 10);
  expect(logRising(5, 0)).toBe(0);
});

it('adds and compares on the scale of logarithms without overflow', () => {
  expect(logSumExp(1_000, 1_000)).toBeCloseTo(1_000 + Math.log(2), 12);
  expect(logSumExp(-2_000, -1_000)).toBe(-1_000);
  expect(logSumExp(Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY)).toBe(
    Number.NEGATIVE_INFINITY,
  );
  expect(logOnePlusExp(1_000)).toBe(1_000);
  expect(logOnePlusExp(-1_000)).toBe(0);
  expect([-1_000, 0, 1_000].map(toProbability)).toEqual([0, 0.5, 1]);
  fc.assert(
    fc.property(fc.double({ min: -30, max: 12, noNaN: true }), (logOdds) => {
      expect(error(toLogOdds(toProbability(logOdds)), logOdds)).toBeLessThan(1e-10);
    }),
  );
});

it('computes the hypergeometric function for cases with a closed form', () => {
  for (const z of [0, 1e-6, 0.1, 0.5, 0.9, 0.99, 0.999]) {
    const logarithm = z === 0 ? 1 : -Math.log1p(-z) / z;
    expect(gauss2F1(1, 1, 2, z) / logarithm).toBeCloseTo(1, 12);
    expect(gauss2F1(1.7, 3, 3, z) / (1 - z) ** -1.7).toBeCloseTo(1, 11);
    const euler = (1 - z) ** (4.2 - 1.5 - 0.7) * gauss2F1(4.2 - 1.5, 4.2 - 0.7, 4.2, z);
    expect(gauss2F1(1.5, 0.7, 4.2, z) / euler).toBeCloseTo(1, 10);
  }
});

it('throws HorizonTooLong when the series needs too many terms', () => {
  expect(() => gauss2F1(1, 1, 1, 1 - 1e-9)).toThrow(HorizonTooLong);
});

it('integrates polynomials of degree 23 exactly', () => {
  const integral = (power: number) =>
    gaussLegendre.reduce((sum, { node, weight }) => sum + weight * node ** power, 0);
  for (let power = 0; power <= 23; power += 1) {
    expect(integral(power)).toBeCloseTo(power % 2 === 0 ? 2 / (power + 1) : 0, 14);
  }
});

const rosenbrock: Objective = (point, gradient) => {
  const [x = 0, y = 0] = point;
  gradient.set([-400 * x * (y - x * x) - 2 * (1 - x), 200 * (y - x * x)]);
  return 100 * (y - x * x) ** 2 + (1 - x) ** 2;
};

it('finds the minimum at the end of a curved valley', () => {
  const minimum = minimise(rosenbrock, [-1.2, 1]);

  expect(minimum.converged).toBe(true);
  expect(minimum.gradientNorm).toBeLessThan(1e-8);
  expect(minimum.point[0]).toBeCloseTo(1, 8);
  expect(minimum.point[1]).toBeCloseTo(1, 8);
});

it('backs off from points where the function is undefined', () => {
  const minimum = minimise(
    (point, gradient) => {
      const [x = 0] = point;
      gradient[0] = 1 - 1 / x;
      return x - Math.log(x);
    },
    [1e-3],
  );

  expect(minimum.converged).toBe(true);
  expect(minimum.point[0]).toBeCloseTo(1, 7);
});

it.each<[string, Objective]>([
  [
    'a function without a lower bound',
    (_, gradient) => {
      gradient[0] = -1;
      return Number.NEGATIVE_INFINITY;
    },
  ],
  [
    'a line',
    ([x = 0], gradient) => {
      gradient[0] = 1;
      return x;
    },
  ],
  [
    'a function that is undefined everywhere',
    (_, gradient) => {
      gradient[0] = Number.NaN;
      return Number.NaN;
    },
  ],
  [
    'a function with a wrong gradient',
    ([x = 0], gradient) => {
      gradient[0] = -2 * x;
      return x * x;
    },
  ],
])('reports no convergence for %s', (_, objective) => {
  expect(minimise(objective, [1]).converged).toBe(false);
});

it('stops at the maximum of iterations and reports no convergence', () => {
  expect(minimise(rosenbrock, [-1.2, 1], { maxIterations: 3 })).toMatchObject({
    converged: false,
    iterations: 3,
  });
});

it('inverts the Hessian of a convex function and refuses that of a saddle or a trough', () => {
  const quadratic =
    (xx: number, xy: number, yy: number): Objective =>
    ([x = 0, y = 0], gradient) => {
      gradient.set([xx * x + xy * y, xy * x + yy * y]);
      return (xx * x * x + 2 * xy * x * y + yy * y * y) / 2;
    };
  const inverse = inverseCurvature(quadratic(4, 1, 2), Float64Array.of(0.3, -0.2)) ?? [];

  [2 / 7, -1 / 7, -1 / 7, 4 / 7].forEach((wanted, i) => {
    expect(inverse[i]).toBeCloseTo(wanted, 9);
  });
  expect(inverseCurvature(quadratic(1, 2, 1), Float64Array.of(0, 0))).toBeUndefined();
  expect(inverseCurvature(quadratic(1, 0, 0), Float64Array.of(0, 0))).toBeUndefined();
});

it('finds when a function reaches a threshold, never too early, and that it never does', () => {
  const saturating = (time: number) => 1 - Math.exp(-time);
  const found = risesTo(saturating, { from: 0.1, threshold: 0.7, step: 0.01 }) ?? Number.NaN;

  expect(found).toBeCloseTo(-Math.log(0.3), 10);
  expect(saturating(found)).toBeGreaterThanOrEqual(0.7);
  expect(risesTo(saturating, { from: 5, threshold: 0.7, step: 1 })).toBe(5);
  expect(risesTo((time) => saturating(time) / 2, { from: 0, threshold: 0.7, step: 1 })).toBeNull();
});
