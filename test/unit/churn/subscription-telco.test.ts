import { expect, it } from 'vitest';
import {
  fitBaseline,
  retentionCurve,
  selectBaseline,
  survivalByPlan,
} from '../../../src/domains/churn/subscription/baseline.ts';
import type { HazardCase } from '../../../src/domains/churn/subscription/hazard-design.ts';
import { fitHazard, predictHazard } from '../../../src/domains/churn/subscription/hazard-model.ts';
import { areaUnderCurve } from '../../../src/statistics/backtest/area-under-curve.ts';
import type { Forecast } from '../../../src/statistics/backtest/forecast.ts';
import { brierScore, logLoss } from '../../../src/statistics/backtest/proper-scores.ts';
import { calibrationError } from '../../../src/statistics/backtest/reliability.ts';
import { survivalAt } from '../../../src/statistics/models/kaplan-meier.ts';
import { isReferenceMissing, readTelco } from '../statistics/reference-data.ts';

/** Each customer as one renewal, made or not, with the contract as the plan. */
const readMonths = (): HazardCase<string>[] =>
  readTelco().map(({ contract, columns, hasChurned, tenure }) => ({
    plan: contract,
    measures: { ...columns, logTenure: Math.log1p(tenure) },
    isLost: hasChurned,
  }));

interface Held {
  measures: readonly string[];
  options?: Parameters<typeof fitHazard>[2];
  /** Whether the fold after the held-out one calibrates the scores. */
  isCorrected?: boolean;
}

/** Five folds by row number, each predicted by a fit to the others. */
function predictFolds(
  months: readonly HazardCase<string>[],
  { measures, options, isCorrected = false }: Held,
): Forecast[] {
  return [0, 1, 2, 3, 4].flatMap((fold) => {
    const isHeld = (i: number) => isCorrected && i % 5 === (fold + 1) % 5;
    const cases = months.filter((_, i) => i % 5 !== fold && !isHeld(i));
    const fit = fitHazard(cases, measures, {
      ...options,
      heldOut: months.filter((_, i) => isHeld(i)),
    });
    if (!fit.converged) throw new Error(fit.message);
    const { model } = fit;
    expect(model.calibration !== null).toBe(isCorrected);
    return months
      .filter((_, i) => i % 5 === fold)
      .map((month) => ({ score: predictHazard(model, month), outcome: month.isLost }));
  });
}

const describeForecasts = (forecasts: readonly Forecast[]) => ({
  auc: areaUnderCurve(forecasts) ?? Number.NaN,
  brier: brierScore(forecasts),
  logLoss: logLoss(forecasts),
  ece: calibrationError(forecasts),
});

/** The columns except the contract, which is the plan. */
const columnsOf = (months: readonly HazardCase<string>[]) =>
  Object.keys(months[0]?.measures ?? {}).filter(
    (name) => !name.startsWith('Contract=') && name !== 'logTenure',
  );

it.skipIf(isReferenceMissing)(
  'predicts telco customers like R, without prior and calibration',
  () => {
    const months = readMonths();
    const found = describeForecasts(
      predictFolds(months, { measures: columnsOf(months), options: { prior: null } }),
    );

    expect(found.auc).toBeCloseTo(0.845303, 4);
    expect(found.brier).toBeCloseTo(0.135431, 4);
    expect(found.logLoss).toBeCloseTo(0.417372, 4);
  },
);

it.skipIf(isReferenceMissing).each([false, true])(
  'ranks telco customers well and is calibrated (with a held-out fold: %s)',
  (isCorrected) => {
    const months = readMonths();
    const measures = [...columnsOf(months), 'logTenure'];
    const found = describeForecasts(predictFolds(months, { measures, isCorrected }));
    expect(found.auc).toBeGreaterThanOrEqual(0.84);
    expect(found.ece).toBeLessThanOrEqual(0.02);
    expect(found.brier).toBeLessThan(0.137);
  },
);

it.skipIf(isReferenceMissing)('is calibrated with plan and tenure only', () => {
  const found = describeForecasts(
    predictFolds(readMonths(), { measures: ['tenure', 'logTenure'] }),
  );
  // The contract alone explains less than all columns, and its probabilities reflect that.
  expect(found.auc).toBeGreaterThan(0.775);
  expect(found.ece).toBeLessThanOrEqual(0.02);
});

/** For a customer lost after some months, the last month is the missed renewal. */
const readRows = () =>
  readTelco().map(({ contract, tenure, hasChurned }, i) => ({
    customer: `customer ${i}`,
    startedAt: 0,
    plan: contract,
    renewals: tenure - 1,
    isLost: hasChurned,
  }));

it.skipIf(isReferenceMissing)(
  'estimates that two in five monthly contracts are lost after two years',
  () => {
    const curves = survivalByPlan(readRows());
    const after = (plan: string) => survivalAt(curves.get(plan) ?? [], 24);
    expect(after('Month-to-month')).toBeGreaterThan(0.55);
    expect(after('Month-to-month')).toBeLessThan(0.65);
    expect(after('One year')).toBeGreaterThan(0.97);
    expect(after('Two year')).toBe(1);
    for (const { survival, lower, upper } of curves.get('Month-to-month') ?? []) {
      expect(lower).toBeLessThanOrEqual(survival);
      expect(upper).toBeGreaterThanOrEqual(survival);
    }
  },
);

it.skipIf(isReferenceMissing)(
  'predicts the survival of monthly contracts within six percentage points',
  () => {
    const rows = readRows().filter(({ renewals }) => renewals >= 0);
    const curve = retentionCurve(selectBaseline(fitBaseline(rows), 'Month-to-month'), 48);
    const seen = survivalByPlan(rows).get('Month-to-month') ?? [];

    for (const month of [1, 6, 12, 24, 36, 48]) {
      expect(Math.abs((curve[month - 1]?.survival ?? 0) - survivalAt(seen, month))).toBeLessThan(
        0.06,
      );
    }
  },
);
