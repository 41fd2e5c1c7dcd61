import {
  churnModelNames,
  InsufficientData,
  maxHorizonDays,
} from '../../src/domains/churn/churn-backtest.ts';
import { InvalidInput } from '../../src/platform/errors.ts';
import type { LiftPoint } from '../../src/statistics/backtest/lift-curve.ts';
import type { Binning, ReliabilityBin } from '../../src/statistics/backtest/reliability.ts';
import type { BacktestReport } from '../../src/statistics/backtest/report-backtest.ts';
import type { ForecastTotals, RepeatsRow } from '../../src/statistics/backtest/totals.ts';
import { builder } from '../kernel/builder.ts';
import { scanCost } from '../kernel/cost.ts';
import { Refusal } from '../kernel/errors.ts';
import { coveredByMutation } from '../kernel/scopes.ts';

builder.objectType(InsufficientData, {
  name: 'InsufficientData',
  authScopes: coveredByMutation,
  description: 'Too little is known to fit a model; `message` says what is missing.',
  interfaces: [Refusal],
  fields: (t) => ({
    reason: t.exposeString('reason', { description: 'Stable; made for programs.' }),
  }),
});

const ChurnModelName = builder.enumType('ChurnModelName', {
  description:
    'Models of customers who buy without a contract until, unseen, they stop. MBG_NBD is the default, the others are its challengers.',
  values: churnModelNames,
});

const BinningType = builder.enumType('Binning', {
  description:
    'How forecasts are put together: into bins of the same width, or of as many customers.',
  values: ['EQUAL_WIDTH', 'EQUAL_MASS'] as const satisfies Binning[],
});

const ReliabilityBinType = builder.objectRef<ReliabilityBin>('ReliabilityBin').implement({
  description: 'Customers of whom about the same was forecast, and what came of them.',
  fields: (t) => ({
    from: t.exposeFloat('from', { description: 'The least forecast among them.' }),
    to: t.exposeFloat('to', { description: 'The greatest forecast among them.' }),
    count: t.exposeInt('count', { description: 'How many customers.' }),
    meanForecast: t.exposeFloat('meanForecast'),
    observedRate: t.exposeFloat('observedRate', {
      description:
        'The part of them that was silent. Near `meanForecast` if the score means what it says.',
    }),
  }),
});

const LiftPointType = builder.objectRef<LiftPoint>('LiftPoint').implement({
  description: 'What one finds by looking at the customers with the highest scores first.',
  fields: (t) => ({
    share: t.exposeFloat('share', { description: 'The part of all customers looked at.' }),
    threshold: t.exposeFloat('threshold', { description: 'The lowest score among them.' }),
    gain: t.exposeFloat('gain', { description: 'The part of all silent ones that is among them.' }),
    precision: t.exposeFloat('precision', { description: 'The part of them that was silent.' }),
    lift: t.exposeFloat('lift', { description: 'How many times better than picking at random.' }),
  }),
});

export const BacktestTotals = builder.objectRef<ForecastTotals>('BacktestTotals').implement({
  description: 'What was expected of customers together, and what they did.',
  fields: (t) => ({
    customers: t.exposeInt('customers'),
    expected: t.exposeFloat('expected'),
    actual: t.exposeFloat('actual'),
    ratio: t.exposeFloat('ratio', {
      nullable: true,
      description: 'Expected over actual; null where nothing happened.',
    }),
    meanAbsoluteError: t.exposeFloat('meanAbsoluteError', { description: 'Per customer.' }),
  }),
});

const BacktestRow = builder.objectRef<RepeatsRow>('BacktestRow').implement({
  description: 'The totals of customers with as many repeat purchases.',
  fields: (t) => ({
    repeats: t.exposeInt('x', { description: 'Days with a purchase after the first one.' }),
    orMore: t.exposeBoolean('orMore', { description: 'The last row: that many or more.' }),
    totals: t.field({ type: BacktestTotals, resolve: (row) => row }),
  }),
});

const binningArg = 'How forecasts are put together; ten bins.';

const ChurnBacktest = builder.objectRef<BacktestReport>('ChurnBacktest').implement({
  description:
    'A churn model held against what customers did afterwards. The score is P(no purchase within the horizon).',
  fields: (t) => ({
    customers: t.exposeInt('customers', { description: 'Who had bought before the window.' }),
    parameters: t.field({
      type: 'JSON',
      description: 'Of the fitted model, in days.',
      resolve: ({ parameters }) => parameters,
    }),
    logLikelihood: t.exposeFloat('logLikelihood'),
    hasPrior: t.exposeBoolean('hasPrior', {
      description: 'Fewer than 500 customers: a prior had its say.',
    }),
    isCalibrated: t.exposeBoolean('isCalibrated', {
      description:
        'Scores were corrected by what came of them in the window before; not where that had too little to learn from.',
    }),
    baseRate: t.exposeFloat('baseRate', {
      description: 'The part of the customers that was silent.',
    }),
    auc: t.exposeFloat('auc', {
      nullable: true,
      description:
        'How often a silent customer has a higher score than one who bought; 0.5 is chance. Null where all did the same. Recency alone often ranks as well: see `skillAgainstRecency`.',
    }),
    brier: t.exposeFloat('brier', {
      description: 'The mean squared error of the score: 0 is perfect.',
    }),
    skill: t.exposeFloat('skill', {
      nullable: true,
      description: 'The part of the Brier score of the base rate that the model does away with.',
    }),
    skillAgainstRecency: t.exposeFloat('skillAgainstRecency', {
      nullable: true,
      description:
        'The same against days since the last purchase alone, fitted on the window before; null where that had too little to learn from.',
    }),
    logLoss: t.exposeFloat('logLoss'),
    calibrationError: t.float({
      description: 'ECE: how far forecasts lie from what came of them, on average over the bins.',
      args: { binning: binningOf(t.arg) },
      resolve: (report, { binning }) => report.calibrationError[binning ?? 'EQUAL_WIDTH'],
    }),
    reliability: t.field({
      type: [ReliabilityBinType],
      description: 'Bins without customers are left out.',
      args: { binning: binningOf(t.arg) },
      resolve: (report, { binning }) => report.reliability[binning ?? 'EQUAL_WIDTH'],
    }),
    gain: t.field({
      type: [LiftPointType],
      description: 'In ten steps; empty where nobody was silent.',
      resolve: ({ gain }) => gain,
    }),
    purchases: t.field({
      type: BacktestTotals,
      description: 'Days with a purchase in the window.',
      resolve: ({ purchases }) => purchases,
    }),
    byRepeats: t.field({
      type: [BacktestRow],
      description: 'The same by what was known of the customers.',
      resolve: ({ byRepeats }) => byRepeats,
    }),
    value: t.field({
      type: BacktestTotals,
      nullable: true,
      description:
        "What customers spent in the window, in minor units of the workspace's currency; null where too few came back to tell.",
      resolve: ({ value }) => value,
    }),
  }),
});

function binningOf(arg: Parameters<Parameters<typeof builder.queryField>[1]>[0]['arg']) {
  return arg({ type: BinningType, defaultValue: 'EQUAL_WIDTH', description: binningArg });
}

/** What fitting a model takes, in rows gone through in the same time. */
const rowsPerCustomer = { MBG_NBD: 10, BG_NBD: 10, PARETO_NBD: 30 } as const;

builder.queryField('churnBacktest', (t) =>
  t.field({
    type: ChurnBacktest,
    description:
      'Fits a churn model on the purchases before a day and holds it against those of the days after. Nothing from that day on has any influence on the forecasts.',
    complexity: ({ model }, ctx) =>
      scanCost(ctx, rowsPerCustomer[model ?? 'MBG_NBD'], 'Choose the model MBG_NBD or BG_NBD.'),
    errors: { types: [InvalidInput, InsufficientData] },
    args: {
      calibrationEnd: t.arg({
        type: 'DateTime',
        required: true,
        description: "The window begins with this instant's day in the workspace's time zone.",
      }),
      horizonDays: t.arg.int({
        defaultValue: 90,
        description: `How long the window is, 1 to ${maxHorizonDays}.`,
      }),
      model: t.arg({ type: ChurnModelName, defaultValue: 'MBG_NBD' }),
    },
    resolve: (_root, { calibrationEnd, horizonDays, model }, ctx) => {
      const request = { calibrationEnd, horizonDays: horizonDays ?? 90, model: model ?? 'MBG_NBD' };
      const { workspaceId, signal } = ctx;
      return ctx.services.churn.backtest(workspaceId, request, { now: ctx.now(), signal });
    },
  }),
);
