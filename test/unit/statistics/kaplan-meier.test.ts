import { expect, it } from 'vitest';
import {
  estimateSurvival,
  medianSurvival,
  survivalAt,
} from '../../../src/statistics/models/kaplan-meier.ts';
import {
  isReferenceMissing,
  published,
  readGehan,
  readTable,
  readTelco,
} from './reference-data.ts';

const readTenures = (contract?: string) =>
  readTelco()
    .filter((customer) => contract === undefined || customer.contract === contract)
    .map(({ tenure, hasChurned }) => ({ time: tenure, hasEvent: hasChurned }));

it.skipIf(isReferenceMissing)('estimates the survival of telco customers like R', () => {
  const { expected, tolerance } = published<number[]>('telco.km');
  const steps = estimateSurvival(readTenures());
  const found = [1, 12, 24, 36, 48, 60, 72].map((month) => survivalAt(steps, month));

  for (const [i, wanted] of expected.entries()) {
    expect(Math.abs((found[i] ?? 0) - wanted)).toBeLessThanOrEqual(Number(tolerance));
  }
});

it.skipIf(isReferenceMissing)('estimates higher survival for longer contracts', () => {
  const afterTwoYears = (contract: string) =>
    survivalAt(estimateSurvival(readTenures(contract)), 24);

  expect(afterTwoYears('Month-to-month')).toBeGreaterThan(0.55);
  expect(afterTwoYears('Month-to-month')).toBeLessThan(0.65);
  expect(afterTwoYears('One year')).toBeGreaterThan(0.97);
  expect(afterTwoYears('Two year')).toBe(1);
});

// Freireich et al. 1963, as in R's survival package and in textbooks (Cox & Oakes 1984).
it.skipIf(isReferenceMissing)('reproduces the published estimate of the leukaemia trial', () => {
  const [placebo, treated] = [1, 2].map((group) =>
    estimateSurvival(readGehan().filter((one) => one.group === group)),
  );

  expect(medianSurvival(placebo ?? [])).toBe(8);
  expect(medianSurvival(treated ?? [])).toBe(23);
  const steps = (treated ?? []).filter(({ events }) => events > 0);
  expect(steps.map(({ time, atRisk, events }) => [time, atRisk, events])).toEqual([
    [6, 21, 3],
    [7, 17, 1],
    [10, 15, 1],
    [13, 12, 1],
    [16, 11, 1],
    [22, 7, 1],
    [23, 6, 1],
  ]);
  const survival = [0.8571, 0.8067, 0.7529, 0.6902, 0.6275, 0.5378, 0.4482];
  const errors = [0.0764, 0.0869, 0.0963, 0.1068, 0.1141, 0.1282, 0.1346];
  for (const [i, step] of steps.entries()) {
    expect(step.survival).toBeCloseTo(survival[i] ?? 0, 4);
    expect(step.standardError).toBeCloseTo(errors[i] ?? 0, 4);
  }
  expect(steps[0]?.lower).toBeCloseTo(0.72, 3);
  expect(steps[0]?.upper).toBe(1);
  expect(steps[6]?.lower).toBeCloseTo(0.249, 3);
  expect(steps[6]?.upper).toBeCloseTo(0.807, 3);
});

it.skipIf(isReferenceMissing)(
  'reproduces the published share of released prisoners without another arrest',
  () => {
    const steps = estimateSurvival(
      readTable('rossi.csv').map(({ week, arrest }) => ({
        time: Number(week),
        hasEvent: arrest === '1',
      })),
    );

    expect(steps[0]).toMatchObject({ time: 1, atRisk: 432 });
    // No subject is censored before the end, so the estimate is a plain share.
    expect(survivalAt(steps, 52)).toBeCloseTo(1 - 114 / 432, 12);
    expect(medianSurvival(steps)).toBeNull();
  },
);

it('counts subjects censored at a time as at risk at that time', () => {
  const steps = estimateSurvival([
    { time: 2, hasEvent: true },
    { time: 2, hasEvent: false },
    { time: 3, hasEvent: true, count: 2 },
    { time: 4, hasEvent: false },
  ]);

  expect(
    steps.map(({ time, atRisk, events, censored }) => [time, atRisk, events, censored]),
  ).toEqual([
    [2, 5, 1, 1],
    [3, 3, 2, 0],
    [4, 1, 0, 1],
  ]);
  expect(steps.map(({ survival }) => survival)).toEqual([
    0.8,
    expect.closeTo(0.8 / 3, 12),
    expect.closeTo(0.8 / 3, 12),
  ]);
  expect(survivalAt(steps, 1.9)).toBe(1);
  expect(survivalAt(steps, 100)).toBeCloseTo(0.8 / 3, 12);
});

it.each(['log', 'log-log', 'plain'] as const)(
  'keeps intervals on the %s scale within 0 and 1',
  (interval) => {
    const lifetimes = [1, 2, 3, 4, 5].map((time) => ({ time, hasEvent: true, count: 1 }));
    const steps = estimateSurvival(lifetimes, { interval, level: 0.99 });

    for (const { survival, lower, upper } of steps.slice(0, -1)) {
      expect(lower).toBeGreaterThanOrEqual(0);
      expect(lower).toBeLessThanOrEqual(survival);
      expect(upper).toBeGreaterThanOrEqual(survival);
      expect(upper).toBeLessThanOrEqual(1);
    }
    expect(steps.at(-1)).toMatchObject({
      survival: 0,
      standardError: null,
      lower: null,
      upper: null,
    });
  },
);

it('returns no steps without subjects and no interval before the first event', () => {
  expect(estimateSurvival([])).toEqual([]);
  expect(estimateSurvival([{ time: 5, hasEvent: false }])).toMatchObject([
    { survival: 1, standardError: 0, lower: 1, upper: 1 },
  ]);
  expect(medianSurvival([])).toBeNull();
});

it.each([-1, Number.NaN, Number.POSITIVE_INFINITY])('refuses a lifetime of %d', (time) => {
  const code = expect.objectContaining({ code: 'INVALID_ARGUMENT' });

  expect(() => estimateSurvival([{ time, hasEvent: true }])).toThrow(code);
  expect(() => estimateSurvival([{ time: 1, hasEvent: true, count: time }])).toThrow(code);
});
