import { describe, expect, it } from 'vitest';
import { areaUnderCurve } from '../../../src/statistics/backtest/area-under-curve.ts';
import { brierScore, brierSkill } from '../../../src/statistics/backtest/proper-scores.ts';
import { calibrationError } from '../../../src/statistics/backtest/reliability.ts';
import { tableByRepeats, totalsOf } from '../../../src/statistics/backtest/totals.ts';
import { bgNbd } from '../../../src/statistics/models/bg-nbd.ts';
import {
  discountedPurchases,
  lifetimeValue,
} from '../../../src/statistics/models/discounted-purchases.ts';
import { expectedValue, fitGammaGamma } from '../../../src/statistics/models/gamma-gamma.ts';
import { explainGone, mbgNbd } from '../../../src/statistics/models/mbg-nbd.ts';
import { paretoNbd } from '../../../src/statistics/models/pareto-nbd.ts';
import { groupHistories } from '../../../src/statistics/models/purchase-history.ts';
import type { PurchaseModel } from '../../../src/statistics/models/purchase-model.ts';
import {
  countActivity,
  type PurchaseSummary,
  summarisePurchases,
} from '../../../src/statistics/models/purchase-summary.ts';
import { parsePurchase, readPurchaseLines } from '../../support/purchase-log.ts';
import {
  dayNumberOf,
  isReferenceMissing,
  readCdnowLog,
  readCdnowSampleIds,
} from './reference-data.ts';

const horizon = 39 * 7;

interface Customer extends PurchaseSummary {
  days: number;
  value: number;
}

/** The cohort on a day, and its activity in the days after. */
function readCohort(date: string, ahead: number) {
  const log = readCdnowLog();
  const until = dayNumberOf(date);
  const later = countActivity(log, { after: until, until: until + ahead });
  const summaries = summarisePurchases(
    log.filter(({ day }) => day <= until),
    until,
  );
  const sampleIds = readCdnowSampleIds();
  const [sample, others]: [Customer[], Customer[]] = [[], []];
  for (const [customer, summary] of summaries) {
    const outcome = { ...summary, ...(later.get(customer) ?? { days: 0, value: 0 }) };
    (sampleIds.has(customer) ? sample : others).push(outcome);
  }
  return { sample, others };
}

function fitOrThrow<P>(model: PurchaseModel<P>, customers: readonly Customer[]): P {
  const fit = model.fit(groupHistories(customers));
  if (!fit.converged) throw new Error(fit.message);
  return fit.parameters;
}

describe.skipIf(isReferenceMissing)(
  'the CDNOW customers outside the sample, over 39 weeks,',
  () => {
    const cohort = isReferenceMissing
      ? { sample: [], others: [] }
      : readCohort('19970930', horizon);
    const { sample, others } = cohort;

    const measure = (score: (customer: Customer) => number) => {
      const forecasts = others.map((customer) => ({
        score: score(customer),
        outcome: customer.days === 0,
      }));
      return {
        auc: areaUnderCurve(forecasts) ?? Number.NaN,
        brier: brierScore(forecasts),
        error: calibrationError(forecasts),
        skill: brierSkill(forecasts) ?? Number.NaN,
      };
    };

    it('are 21,213, of which a share of .6995 stays silent', () => {
      expect(sample).toHaveLength(2_357);
      expect(others).toHaveLength(21_213);
      const silent = others.filter(({ days }) => days === 0).length / others.length;
      expect(silent).toBeCloseTo(0.6995, 4);
      expect(silent * (1 - silent)).toBeCloseTo(0.2102, 4);
    });

    it('are predicted by MBG/NBD within the limits and as documented', () => {
      const parameters = fitOrThrow(mbgNbd, sample);
      const { auc, brier, error, skill } = measure((one) =>
        mbgNbd.pSilent(parameters, one, horizon),
      );

      expect(auc).toBeGreaterThanOrEqual(0.745);
      expect(brier).toBeLessThanOrEqual(0.17);
      expect(error).toBeLessThanOrEqual(0.07);
      expect(auc).toBeCloseTo(0.752, 3);
      expect(brier).toBeCloseTo(0.1668, 4);
      expect(error).toBeCloseTo(0.061, 3);
      expect(skill).toBeGreaterThan(0.2);
    });

    it('are predicted by the alternative models as documented', () => {
      const bg = fitOrThrow(bgNbd, sample);
      const pareto = fitOrThrow(paretoNbd, sample);
      const byBg = measure((one) => bgNbd.pSilent(bg, one, horizon));
      const byPareto = measure((one) => paretoNbd.pSilent(pareto, one, horizon));

      expect(byBg.auc).toBeCloseTo(0.745, 3);
      expect(byBg.brier).toBeCloseTo(0.1663, 4);
      expect(byBg.error).toBeCloseTo(0.039, 3);
      expect(byPareto.auc).toBeCloseTo(0.761, 3);
      expect(byPareto.brier).toBeCloseTo(0.1674, 4);
      expect(byPareto.error).toBeCloseTo(0.0785, 4);
    });

    it('are ranked backwards by P(gone) under BG/NBD', () => {
      const bg = fitOrThrow(bgNbd, sample);
      const mbg = fitOrThrow(mbgNbd, sample);
      const pareto = fitOrThrow(paretoNbd, sample);

      expect(measure((one) => 1 - bgNbd.pAlive(bg, one)).auc).toBeCloseTo(0.319, 3);
      expect(measure((one) => 1 - mbgNbd.pAlive(mbg, one)).auc).toBeCloseTo(0.679, 3);
      expect(measure((one) => 1 - paretoNbd.pAlive(pareto, one)).auc).toBeCloseTo(0.716, 3);
    });

    const ratioOf = <P>(model: PurchaseModel<P>, customers: readonly Customer[]) => {
      const parameters = fitOrThrow(model, sample);
      const outcomes = customers.map((one) => ({
        x: one.x,
        expected: model.expectedPurchases(parameters, one, horizon),
        actual: one.days,
      }));
      expect(tableByRepeats(outcomes).map(({ x }) => x)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
      return totalsOf(outcomes).ratio ?? Number.NaN;
    };

    it('buy slightly more than each model expects', () => {
      expect(ratioOf(mbgNbd, others)).toBeCloseTo(0.8, 2);
      expect(ratioOf(bgNbd, others)).toBeCloseTo(0.84, 2);
      expect(ratioOf(paretoNbd, others)).toBeCloseTo(0.85, 2);
    });

    it('exceed the expected purchases by more than the sample, whose totals are as documented', () => {
      expect(ratioOf(mbgNbd, sample)).toBeCloseTo(0.84, 2);
      expect(ratioOf(bgNbd, sample)).toBeCloseTo(0.88, 2);
      expect(ratioOf(paretoNbd, sample)).toBeCloseTo(0.88, 2);
    });

    it('spend within 20 % of the expectation of Pareto/NBD and Gamma-Gamma', () => {
      const parameters = fitOrThrow(paretoNbd, sample);
      const spends = sample.flatMap(({ x, m }) => (m === null ? [] : [{ x, m }]));
      const spend = fitGammaGamma(spends);
      if (!spend.converged) throw new Error(spend.message);
      const outcomes = others.map((one) => ({
        x: one.x,
        expected: lifetimeValue({
          meanValue: expectedValue(spend.parameters, one.m === null ? { x: 0, m: null } : one),
          margin: 1,
          purchases: discountedPurchases(paretoNbd, parameters, one, {
            months: 9,
            monthlyDiscount: 0,
            monthLength: horizon / 9,
          }),
        }),
        actual: one.value,
      }));
      const totals = totalsOf(outcomes);

      expect(totals.ratio).toBeCloseTo(0.815, 2);
      expect(totals.expected / 1_000).toBeCloseTo(575, -1);
      expect(totals.actual / 1_000).toBeCloseTo(706, -1);
      const byRepeats = tableByRepeats(outcomes);
      expect((byRepeats[0]?.expected ?? 0) / (byRepeats[0]?.customers ?? 1)).toBeCloseTo(4.87, 1);
      expect((byRepeats[0]?.actual ?? 0) / (byRepeats[0]?.customers ?? 1)).toBeCloseTo(9.23, 2);
    });
  },
);

it.skipIf(isReferenceMissing)('explains the score of a silent CDNOW customer as documented', () => {
  const { sample, others } = readCohort('19971231', 91);
  const customers = [...sample, ...others];
  const inWeeks = customers.map(({ x, tx, T }) => ({ x, tx: tx / 7, T: T / 7 }));
  const fit = mbgNbd.fit(groupHistories(inWeeks));
  if (!fit.converged) throw new Error(fit.message);
  const reasons = explainGone(fit.parameters, { x: 12, tx: 20, T: 39 });

  expect(customers).toHaveLength(23_570);
  expect(reasons.tendency).toBeCloseTo(-3.03, 2);
  expect(reasons.silence).toBeCloseTo(6.52, 2);
  expect(mbgNbd.pAlive(fit.parameters, { x: 12, tx: 20, T: 39 })).toBeCloseTo(0.029, 3);
});

it.skipIf(isReferenceMissing)('back-tests 13 weeks of the whole CDNOW cohort as documented', () => {
  const { sample, others } = readCohort('19971231', 91);
  const customers = [...sample, ...others];
  const parameters = fitOrThrow(mbgNbd, customers);
  const forecasts = customers.map((one) => ({
    score: mbgNbd.pSilent(parameters, one, 91),
    outcome: one.days === 0,
  }));

  expect(areaUnderCurve(forecasts)).toBeCloseTo(0.796, 3);
  expect(brierScore(forecasts)).toBeCloseTo(0.1056, 3);
  expect(calibrationError(forecasts)).toBeCloseTo(0.0189, 2);
});

it('predicts independently of purchases after the calibration end', async () => {
  const log = (await readPurchaseLines()).map((line) => {
    const { customer, date, amount } = parsePurchase(line);
    return { customer, day: dayNumberOf(date), amount: Number(amount) };
  });
  const until = dayNumberOf('19970930');
  const known = (purchases: typeof log) =>
    summarisePurchases(
      purchases.filter(({ day }) => day <= until),
      until,
    );
  const altered = log.flatMap((purchase, i) => {
    if (purchase.day <= until) return [purchase];
    return i % 2 === 0 ? [] : [{ ...purchase, amount: 1e6, day: purchase.day + 1 }];
  });

  expect(log.some(({ day }) => day > until)).toBe(true);
  expect(known(altered)).toEqual(known(log));
});
