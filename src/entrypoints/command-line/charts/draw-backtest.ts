import { areaUnderCurve } from '../../../statistics/backtest/area-under-curve.ts';
import { baseRateOf, type Forecast } from '../../../statistics/backtest/forecast.ts';
import { liftCurve } from '../../../statistics/backtest/lift-curve.ts';
import { brierScore } from '../../../statistics/backtest/proper-scores.ts';
import {
  type Binning,
  calibrationError,
  reliabilityTable,
} from '../../../statistics/backtest/reliability.ts';
import type { Backtest } from '../../../statistics/backtest/run-backtest.ts';
import { drawGain } from './gain-chart.ts';
import { drawReliability } from './reliability-diagram.ts';

/** Enough points for a smooth curve. */
const steps = 100;

/** Draws the SVGs of a back-test; `label` identifies it in their headings. */
export async function drawBacktest(
  label: string,
  { forecasts, recency }: Pick<Backtest, 'forecasts' | 'recency'>,
) {
  const customers = forecasts.length;
  // XML allows no control characters, not even escaped, and a heading has only one line.
  const subject = label.replaceAll(/\p{Cc}+/gu, ' ');
  const reliability = await drawReliability({
    subject,
    customers,
    brier: brierScore(forecasts),
    equalWidth: calibrationOf(forecasts, 'EQUAL_WIDTH'),
    equalMass: calibrationOf(forecasts, 'EQUAL_MASS'),
  });
  const gain = await drawGain({
    subject,
    customers,
    baseRate: baseRateOf(forecasts),
    auc: areaUnderCurve(forecasts),
    model: liftCurve(forecasts, steps) ?? [],
    recency: liftCurve(recency, steps) ?? [],
  });
  return { reliability, gain };
}

const calibrationOf = (forecasts: readonly Forecast[], binning: Binning) => ({
  bins: reliabilityTable(forecasts, { binning }),
  error: calibrationError(forecasts, { binning }),
});
