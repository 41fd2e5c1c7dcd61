import {
  churnModelNames,
  InsufficientData,
  maxHorizonDays,
} from '../../src/domains/churn/churn-backtest.ts';
import type { Computing } from '../../src/domains/churn/create-computing.ts';
import { InvalidInput } from '../../src/platform/errors.ts';
import type { LiftPoint } from '../../src/statistics/backtest/lift-curve.ts';
import type { Binning, ReliabilityBin } from '../../src/statistics/backtest/reliability.ts';
import type { BacktestReport } from '../../src/statistics/backtest/report-backtest.ts';
import type { ForecastTotals, RepeatsRow } from '../../src/statistics/backtest/totals.ts';
import { builder } from '../kernel/builder.ts';
import { scanCost } from '../kernel/cost.ts';
import { Refusal } from '../kernel/errors.ts';
import { coveredByMutation } from '../kernel/scopes.ts';

declare module '../kernel/context.ts' {
  interface Services {
    compute: Computing['compute'];
  }
}

builder.objectType(InsufficientData, {
  name: 'InsufficientData',
  authScopes: coveredByMutation,
  description: 'There is not enough data to fit a model. `message` says what is missing.',
  interfaces: [Refusal],
  fields: (t) => ({
    reason: t.exposeString('reason', { description: 'A stable code for programs.' }),
  }),
});

const ChurnModelName = builder.enumType('ChurnModelName', {
  description: 'Models of purchases without a contract. MBG_NBD is the default.',
  values: churnModelNames,
});

const BinningType = builder.enumType('Binning', {
  description: 'How forecasts are binned: by equal width or by equal number of customers.',
  values: ['EQUAL_WIDTH', 'EQUAL_MASS'] as const satisfies Binning[],
});

const ReliabilityBinType = builder.objectRef<ReliabilityBin>('ReliabilityBin').implement({
  description: 'Customers with similar forecasts, and their outcomes.',
  fields: (t) => ({
    from: t.exposeFloat('from', { description: 'The lowest forecast of the bin.' }),
    to: t.exposeFloat('to', { description: 'The highest forecast of the bin.' }),
    count: t.exposeInt('count', { description: 'The number of customers.' }),
    meanForecast: t.exposeFloat('meanForecast'),
    observedRate: t.exposeFloat('observedRate', {
      description:
        'The share of inactive customers. Close to `meanForecast` for a calibrated model.',
    }),
  }),
});

const LiftPointType = builder.objectRef<LiftPoint>('LiftPoint').implement({
  description: 'The result of selecting the customers with the highest scores.',
  fields: (t) => ({
    share: t.exposeFloat('share', { description: 'The share of all customers selected.' }),
    threshold: t.exposeFloat('threshold', { description: 'The lowest score selected.' }),
    gain: t.exposeFloat('gain', {
      description: 'The share of all inactive customers that is selected.',
    }),
    precision: t.exposeFloat('precision', {
      description: 'The share of selected customers that was inactive.',
    }),
    lift: t.exposeFloat('lift', { description: 'The ratio to a random selection.' }),
  }),
});

export const BacktestTotals = builder.objectRef<ForecastTotals>('BacktestTotals').implement({
  description: 'Expected and actual totals of a group of customers.',
  fields: (t) => ({
    customers: t.exposeInt('customers'),
    expected: t.exposeFloat('expected'),
    actual: t.exposeFloat('actual'),
    ratio: t.exposeFloat('ratio', {
      nullable: true,
      description: 'Expected divided by actual. Null if the actual total is zero.',
    }),
    meanAbsoluteError: t.exposeFloat('meanAbsoluteError', {
      description: 'The mean absolute error per customer.',
    }),
  }),
});

const BacktestRow = builder.objectRef<RepeatsRow>('BacktestRow').implement({
  description: 'The totals of customers with the same number of repeat purchases.',
  fields: (t) => ({
    repeats: t.exposeInt('x', {
      description: 'The number of days with a purchase after the first one.',
    }),
    orMore: t.exposeBoolean('orMore', {
      description: 'True for the last row: that number or more.',
    }),
    totals: t.field({ type: BacktestTotals, resolve: (row) => row }),
  }),
});

const binningArg = 'The binning of the forecasts, ten bins.';

const ChurnBacktest = builder.objectRef<BacktestReport>('ChurnBacktest').implement({
  description:
    'The comparison of a churn model with later purchases. The score is P(no purchase within the horizon).',
  fields: (t) => ({
    customers: t.exposeInt('customers', {
      description: 'The number of customers that had bought before the window.',
    }),
    parameters: t.expose('parameters', {
      type: 'JSON',
      description: 'The parameters of the fitted model, in days.',
    }),
    logLikelihood: t.exposeFloat('logLikelihood'),
    hasPrior: t.exposeBoolean('hasPrior', {
      description:
        'True if a prior was used: with fewer than 500 customers, or if a fit without one does not converge.',
    }),
    isCalibrated: t.exposeBoolean('isCalibrated', {
      description:
        'True if scores were calibrated on the previous window. False if it had too little data.',
    }),
    baseRate: t.exposeFloat('baseRate', {
      description: 'The share of inactive customers.',
    }),
    auc: t.exposeFloat('auc', {
      nullable: true,
      description:
        'The probability that an inactive customer has a higher score than an active one; 0.5 is chance. Null if all outcomes are equal. Recency alone often ranks as well: see `skillAgainstRecency`.',
    }),
    brier: t.exposeFloat('brier', {
      description: 'The mean squared error of the score, 0 at best.',
    }),
    skill: t.exposeFloat('skill', {
      nullable: true,
      description: 'The relative improvement of the Brier score over the base rate.',
    }),
    skillAgainstRecency: t.exposeFloat('skillAgainstRecency', {
      nullable: true,
      description:
        'The relative improvement over a model of days since the last purchase, fitted on the previous window. Null if it had too little data.',
    }),
    logLoss: t.exposeFloat('logLoss'),
    calibrationError: t.float({
      description:
        'The expected calibration error: the mean distance of forecasts from outcomes over the bins.',
      args: { binning: binningOf(t.arg) },
      resolve: (report, { binning }) => report.calibrationError[binning ?? 'EQUAL_WIDTH'],
    }),
    reliability: t.field({
      type: [ReliabilityBinType],
      description: 'The reliability diagram, without empty bins.',
      args: { binning: binningOf(t.arg) },
      resolve: (report, { binning }) => report.reliability[binning ?? 'EQUAL_WIDTH'],
    }),
    gain: t.expose('gain', {
      type: [LiftPointType],
      description: 'The gain curve in ten steps. Empty if no customer was inactive.',
    }),
    purchases: t.expose('purchases', {
      type: BacktestTotals,
      description: 'The number of days with a purchase in the window.',
    }),
    byRepeats: t.expose('byRepeats', {
      type: [BacktestRow],
      description: 'The purchases by the number of earlier repeat purchases.',
    }),
    value: t.expose('value', {
      type: BacktestTotals,
      nullable: true,
      description:
        "The spending in the window, in minor units of the workspace's currency. Null if too few customers returned.",
    }),
  }),
});

function binningOf(arg: Parameters<Parameters<typeof builder.queryField>[1]>[0]['arg']) {
  return arg({ type: BinningType, defaultValue: 'EQUAL_WIDTH', description: binningArg });
}

/** The cost of fitting a model, as the number of database rows read in the same time. */
const rowsPerCustomer = { MBG_NBD: 10, BG_NBD: 10, PARETO_NBD: 30 } as const;

builder.queryField('churnBacktest', (t) =>
  t.field({
    type: ChurnBacktest,
    description:
      'Fits a churn model on the purchases before a day and compares it with the purchases after it. Later data does not influence the forecasts.',
    complexity: ({ model }, ctx) =>
      scanCost(ctx, rowsPerCustomer[model ?? 'MBG_NBD'], 'Choose the model MBG_NBD or BG_NBD.'),
    errors: { types: [InvalidInput, InsufficientData] },
    args: {
      calibrationEnd: t.arg({
        type: 'DateTime',
        required: true,
        description: "The window begins with this day in the workspace's time zone.",
      }),
      horizonDays: t.arg.int({
        defaultValue: 90,
        description: `The length of the window, 1 to ${maxHorizonDays} days.`,
      }),
      model: t.arg({ type: ChurnModelName, defaultValue: 'MBG_NBD' }),
    },
    resolve: (_root, { calibrationEnd, horizonDays, model }, ctx) => {
      const request = { calibrationEnd, horizonDays: horizonDays ?? 90, model: model ?? 'MBG_NBD' };
      const task = { kind: 'BACKTEST', workspaceId: ctx.workspaceId, request } as const;
      return ctx.services.compute({ ...task, now: ctx.now() }, ctx.signal);
    },
  }),
);
