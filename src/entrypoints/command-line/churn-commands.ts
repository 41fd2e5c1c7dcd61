import { type Command, Option } from 'commander';
import {
  type ChurnModelName,
  churnModelNames,
  runChurnBacktest,
} from '../../domains/churn/churn-backtest.ts';
import { InvalidInput } from '../../platform/errors.ts';
import { parseInstant } from '../../platform/time/instant.ts';
import { areaUnderCurve } from '../../statistics/backtest/area-under-curve.ts';
import { baseRateOf, type Forecast } from '../../statistics/backtest/forecast.ts';
import { brierScore, brierSkill, logLoss } from '../../statistics/backtest/proper-scores.ts';
import { calibrationError, reliabilityTable } from '../../statistics/backtest/reliability.ts';
import type { Backtest } from '../../statistics/backtest/run-backtest.ts';
import { type ForecastTotals, tableByRepeats, totalsOf } from '../../statistics/backtest/totals.ts';
import { chooseWorkspace } from './choose-workspace.ts';
import { inSession } from './session.ts';
import { formatTable } from './table.ts';
import { writeCharts } from './write-charts.ts';

interface BacktestOptions {
  workspace?: string;
  horizon: number;
  model: ChurnModelName;
  charts: string | false;
}

export function addChurnCommands(program: Command) {
  program
    .command('churn')
    .description('manage churn models')
    .command('backtest <day>')
    .description(
      'fit a model to the data before a day (yyyy-mm-dd) and measure its predictions afterwards',
    )
    .option('--workspace <name or id>', 'required if there are several')
    .option('--horizon <days>', 'length of the prediction window', Number, 90)
    .addOption(
      new Option('--model <name>', 'model to fit').choices(churnModelNames).default('MBG_NBD'),
    )
    .option('--charts <folder>', 'folder for reliability.svg and gain.svg', 'charts')
    .option('--no-charts', 'print tables only')
    .action(backtest);
}

const backtest = (day: string, { workspace, horizon, model, charts }: BacktestOptions) =>
  inSession(async ({ database }) => {
    const { id, name } = await chooseWorkspace(database, workspace);
    const request = { calibrationEnd: noonOf(day), horizonDays: horizon, model };
    const result = await database.inWorkspace(id, (db) =>
      runChurnBacktest(db, request, new Date()),
    );
    process.stdout.write(report(result));
    if (charts === false) return;
    const label = `${name} · ${model} · ${horizon} days from ${day}`;
    process.stdout.write(`\n${formatTable(await writeCharts(charts, label, result))}`);
  });

/** An instant on the same day in nearly every time zone. */
function noonOf(day: string): Date {
  const noon = parseInstant(`${day}T12:00:00Z`);
  if (noon) return noon;
  throw new InvalidInput(`"${day}" is not a date. Use the form yyyy-mm-dd.`);
}

const figure = (value: number | null, digits = 4) => (value === null ? '–' : value.toFixed(digits));

function report(result: Backtest): string {
  const { forecasts, purchases, values } = result;
  const totals = [
    { of: 'purchases', ...toColumns(totalsOf(purchases)) },
    ...(values ? [{ of: 'value, in minor units', ...toColumns(totalsOf(values)) }] : []),
  ];
  const byRepeats = tableByRepeats(purchases).map(({ x, orMore, ...rest }) => ({
    repeats: `${x}${orMore ? '+' : ''}`,
    ...toColumns(rest),
  }));
  const parts = [toFigures(result), toReliability(forecasts), totals, byRepeats];
  return parts.map(formatTable).join('\n');
}

function toFigures({ forecasts, fit, calibration, recencyBrier }: Backtest) {
  const rows: Array<[string, string]> = [
    ['customers', String(forecasts.length)],
    ...Object.entries(fit.parameters).map(([name, value]): [string, string] => [
      `parameter ${name}`,
      figure(value),
    ]),
    ['log-likelihood', figure(fit.logLikelihood, 2)],
    ['with a prior', fit.hasPrior ? 'yes' : 'no'],
    ['calibrated on the previous window', calibration ? 'yes' : 'no'],
    ['silent (base rate)', figure(baseRateOf(forecasts))],
    ['AUC', figure(areaUnderCurve(forecasts))],
    ['Brier', figure(brierScore(forecasts))],
    ['skill against the base rate', figure(brierSkill(forecasts))],
    [
      'skill against recency only',
      figure(recencyBrier === null ? null : brierSkill(forecasts, recencyBrier)),
    ],
    ['log loss', figure(logLoss(forecasts))],
    ['ECE, equal width', figure(calibrationError(forecasts))],
    ['ECE, equal mass', figure(calibrationError(forecasts, { binning: 'EQUAL_MASS' }))],
  ];
  return rows.map(([measure, value]) => ({ measure, value }));
}

const toReliability = (forecasts: readonly Forecast[]) =>
  reliabilityTable(forecasts).map(({ from, to, count, meanForecast, observedRate }) => ({
    score: `${figure(from, 3)} – ${figure(to, 3)}`,
    customers: String(count),
    forecast: figure(meanForecast),
    silent: figure(observedRate),
  }));

const toColumns = ({ customers, expected, actual, ratio }: ForecastTotals) => ({
  customers: String(customers),
  expected: figure(expected, 1),
  actual: figure(actual, 1),
  'expected / actual': figure(ratio, 3),
});
