import { expect, it } from 'vitest';
import {
  type BaselineRow,
  baselineHazard,
  fitBaseline,
  residualValue,
  retentionCurve,
  selectBaseline,
  survivalByPlan,
} from '../../../src/domains/churn/subscription/baseline.ts';
import { renewalRows } from '../../../src/domains/churn/subscription/renewal-rows.ts';
import { msPerDay } from '../../../src/platform/time/ms-per-day.ts';
import { discountedResidualLifetime } from '../../../src/statistics/models/shifted-beta-geometric.ts';

// Fader & Hardie 2007: of 1,000 subscribers, the survivors after each of seven renewals.
const cohorts = {
  'High End': [1_000, 869, 743, 653, 593, 551, 517, 491],
  Regular: [1_000, 631, 468, 382, 326, 289, 262, 241],
};

/** The rows of a cohort: which subscribers made each renewal; the first ones are the most loyal. */
const rowsOf = (plan: string, survivors: readonly number[]): BaselineRow[] =>
  survivors.slice(1).flatMap((kept, renewals) =>
    Array.from({ length: survivors[renewals] ?? 0 }, (_, i) => ({
      customer: `${plan} ${i}`,
      startedAt: 0,
      plan,
      renewals,
      isLost: i >= kept,
    })),
  );

const rows = Object.entries(cohorts).flatMap(([plan, survivors]) => rowsOf(plan, survivors));

it('reproduces the published fits of the cohorts for each plan', () => {
  const baseline = fitBaseline(rows);
  const parametersOf = (plan: string) => selectBaseline(baseline, plan).parameters;

  expect(parametersOf('High End').alpha).toBeCloseTo(0.668, 3);
  expect(parametersOf('High End').beta).toBeCloseTo(3.806, 3);
  expect(parametersOf('Regular').alpha).toBeCloseTo(0.704, 3);
  expect(parametersOf('Regular').beta).toBeCloseTo(1.182, 3);
  expect(selectBaseline(baseline, 'Regular')).toMatchObject({
    source: 'PLAN',
    subscriptions: 1_000,
    lost: 759,
  });
});

it('falls back to all plans together for a plan with too few subscriptions', () => {
  const baseline = fitBaseline([...rows, ...rowsOf('New', [90, 10])]);

  expect(baseline.plans.map(({ plan }) => plan)).toEqual(['High End', 'Regular']);
  for (const plan of ['New', 'Never seen', null]) {
    expect(selectBaseline(baseline, plan)).toMatchObject({
      source: 'POOLED',
      subscriptions: 2_090,
    });
  }
});

it('uses the prior while no renewal is decided', () => {
  const baseline = selectBaseline(fitBaseline([]), 'Basic');

  expect(baseline).toMatchObject({ source: 'PRIOR', subscriptions: 0, lost: 0 });
  expect(baselineHazard(baseline, 0)).toBeCloseTo(0.25, 12);
});

it.each([
  ['one retained subscriber', [1, 1]],
  ['one lost subscriber', [1, 0]],
  ['many retained subscribers', [5_000, 5_000, 5_000]],
  ['many lost subscribers', [5_000, 0]],
])('has finite rates for %s', (_, survivors) => {
  const baseline = selectBaseline(fitBaseline(rowsOf('Basic', survivors)), 'Basic');

  for (const renewals of [0, 1, 1_000]) {
    expect(baselineHazard(baseline, renewals)).toBeGreaterThan(0);
    expect(baselineHazard(baseline, renewals)).toBeLessThan(1);
  }
});

it('increases retention from renewal to renewal, with survival as its product', () => {
  const baseline = selectBaseline(fitBaseline(rows), 'Regular');
  const curve = retentionCurve(baseline, 7);

  let survival = 1;
  for (const [i, point] of curve.entries()) {
    expect(point.renewal).toBe(i + 1);
    expect(point.retention).toBeGreaterThan(curve[i - 1]?.retention ?? 0);
    expect(point.retention).toBeCloseTo(1 - baselineHazard(baseline, i), 12);
    survival *= point.retention;
    expect(point.survival).toBeCloseTo(survival, 12);
    expect(Math.abs(1_000 * survival - (cohorts.Regular[i + 1] ?? 0))).toBeLessThan(15);
  }
});

it('values an active subscriber by margin and discounted residual lifetime', () => {
  const baseline = selectBaseline(fitBaseline(rows), 'High End');
  const valueAfter = (renewals: number) =>
    residualValue(baseline, { renewals, margin: 990, discount: 0.1 });

  expect(valueAfter(3)).toBe(
    990 * discountedResidualLifetime(baseline.parameters, { period: 4, discount: 0.1 }),
  );
  expect(valueAfter(4)).toBeGreaterThan(valueAfter(3));
  expect(valueAfter(1_000)).toBeLessThan(990 * 11);
  const refused = { renewals: 1, margin: 990, discount: 0 };
  expect(() => residualValue(baseline, refused)).toThrow(
    expect.objectContaining({ code: 'INVALID_ARGUMENT' }),
  );
});

it('reports the surviving share of a cohort with a confidence interval', () => {
  const steps = survivalByPlan(rows).get('Regular') ?? [];

  expect(steps.map(({ survival }) => Math.round(1_000 * survival))).toEqual(
    cohorts.Regular.slice(1),
  );
  for (const { survival, lower, upper, standardError } of steps) {
    // No subscriber is censored before the end, so Greenwood's error is that of a share.
    expect(standardError).toBeCloseTo(Math.sqrt((survival * (1 - survival)) / 1_000), 10);
    expect(lower).toBeLessThan(survival);
    expect(upper).toBeGreaterThan(survival);
  }
});

it('returns the same result for every order of rows', () => {
  const reversed = rows.toReversed();

  expect(survivalByPlan(reversed).get('Regular')).toEqual(survivalByPlan(rows).get('Regular'));
  const { parameters } = selectBaseline(fitBaseline(reversed), 'Regular');
  expect(parameters.beta).toBeCloseTo(
    selectBaseline(fitBaseline(rows), 'Regular').parameters.beta,
    6,
  );
});

it('counts a subscription under its last plan, and a returning customer twice', () => {
  const begin = Date.parse('2025-01-01T00:00Z');
  const at = (days: number) => begin + days * msPerDay;
  const found = renewalRows(
    [
      {
        customer: 'ada',
        activity: [],
        events: [
          { kind: 'STARTED', at: at(0), plan: 'Basic', period: 'P30D' },
          { kind: 'RENEWED', at: at(30), plan: 'Pro' },
          { kind: 'STARTED', at: at(200), plan: 'Basic' },
        ],
      },
    ],
    { until: at(260), timeZone: 'UTC' },
  );
  const curves = survivalByPlan(found);

  expect(fitBaseline(found).pooled).toMatchObject({ source: 'POOLED', subscriptions: 2, lost: 2 });
  expect(curves.get('Pro')).toMatchObject([{ time: 2, events: 1 }]);
  expect(curves.get('Basic')).toMatchObject([{ time: 1, events: 1 }]);
});
