import type { ChurnModel as ModelRow } from '../../prisma/generated/client.ts';
import type { BacktestSummary, ModelEvidence } from '../../src/domains/churn/fit-risk-model.ts';
import {
  type PurchaseRiskModel,
  type RaisedBand,
  raisedBands,
  type Threshold,
} from '../../src/domains/churn/risk/risk-model.ts';
import type { ForecastTotals } from '../../src/statistics/backtest/totals.ts';
import type { SpendSource } from '../../src/statistics/models/spend-model.ts';
import { builder } from '../kernel/builder.ts';
import { createRowBatch } from '../kernel/per-operation.ts';
import { BacktestTotals } from './churn-backtest.ts';
import { ChurnActivityType, loadSettings } from './churn-settings.ts';
import { RiskBandType } from './risk-parts.ts';

const BacktestSummaryType = builder.objectRef<BacktestSummary>('ChurnModelBacktest').implement({
  description:
    'The backtest of the model on the latest window with a known outcome, fitted on the data before it.',
  fields: (t) => ({
    from: t.exposeString('from', { description: 'The first day of the window.' }),
    customers: t.exposeInt('customers', {
      description: 'The number of customers evaluated; a sample if there are many.',
    }),
    baseRate: t.exposeFloat('baseRate', { description: 'The share of inactive customers.' }),
    auc: t.exposeFloat('auc', { nullable: true }),
    brier: t.exposeFloat('brier'),
    brierOfRecency: t.exposeFloat('recencyBrier', {
      nullable: true,
      description: 'The Brier score of days since the last activity alone.',
    }),
    brierOfActive: t.exposeFloat('brierOfActive', {
      nullable: true,
      description: 'The Brier score of the model that was active when this one was fitted.',
    }),
    calibrationError: t.exposeFloat('calibrationError', {
      description: 'The expected calibration error in ten bins of equal width.',
    }),
    purchases: t.field({
      type: BacktestTotals,
      resolve: ({ purchases }): ForecastTotals => purchases,
    }),
    value: t.expose('value', {
      type: BacktestTotals,
      nullable: true,
      description:
        "In minor units of the workspace's currency. Null if too few customers returned.",
    }),
  }),
});

export const BandType = builder
  .objectRef<Threshold & { band: RaisedBand }>('RiskBandThreshold')
  .implement({
    description:
      'The score at which a customer enters a risk band, and the score below which it leaves.',
    fields: (t) => ({
      band: t.expose('band', { type: RiskBandType }),
      enter: t.exposeFloat('enter'),
      exit: t.exposeFloat('exit'),
    }),
  });

/** A stored model of either mode. */
export const findModel = createRowBatch((tx, where) => tx.churnModel.findMany({ where }));

// Written only by `storeModel`.
const definitionOf = ({ definition }: ModelRow) => definition as unknown as PurchaseRiskModel;
export const evidenceOf = ({ evidence }: ModelRow) => evidence as unknown as ModelEvidence;

export const SpendSourceType = builder.enumType('SpendSource', {
  description: 'How the value of future purchases was estimated.',
  values: {
    FIT: { value: 'FIT', description: 'Gamma-Gamma, fitted to the data alone.' },
    FIT_WITH_PRIOR: {
      value: 'FIT_WITH_PRIOR',
      description:
        'Gamma-Gamma with a prior: fewer than 30 customers bought again, or the data alone do not determine it, such as with a single price.',
    },
    POOLED_MEAN: {
      value: 'POOLED_MEAN',
      description: 'The mean value of all repeat purchases, because no fit converged.',
    },
  } as const satisfies Record<SpendSource, { value: SpendSource; description: string }>,
});

/** Models of before the source was stored were fitted without a prior. */
export const spendSourceOf = (row: ModelRow): SpendSource | null =>
  definitionOf(row).spend === null ? null : (evidenceOf(row).spendSource ?? 'FIT');

export const ChurnModel = builder.objectRef<ModelRow>('ChurnModel').implement({
  description: 'A fitted model of customer activity. Immutable: every fit creates a new version.',
  fields: (t) => ({
    version: t.exposeInt('version'),
    isActive: t.boolean({
      description: 'True for the model that assesses the risk.',
      resolve: async ({ id }, _args, ctx) => (await loadSettings(ctx)).activeModelId === id,
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
    activity: t.field({ type: ChurnActivityType, resolve: (row) => definitionOf(row).activity }),
    horizonDays: t.int({ resolve: (row) => definitionOf(row).horizonDays }),
    parameters: t.field({
      type: 'JSON',
      description:
        'The parameters of MBG/NBD, in days: r and alpha for the activity rate, a and b for the dropout.',
      resolve: (row) => definitionOf(row).parameters,
    }),
    spendParameters: t.field({
      type: 'JSON',
      nullable: true,
      description:
        'The parameters of Gamma-Gamma, v in minor units; with the source POOLED_MEAN, `mean` in minor units. Null without any repeat purchase.',
      resolve: (row) => definitionOf(row).spend,
    }),
    spendSource: t.field({
      type: SpendSourceType,
      nullable: true,
      description: 'How spending was estimated. Null without any repeat purchase.',
      resolve: spendSourceOf,
    }),
    spendCorrelation: t.float({
      nullable: true,
      description:
        'The correlation of the value of purchases with their number. Beyond 0.3 in either direction lifetime values are unreliable.',
      resolve: (row) => evidenceOf(row).spendCorrelation,
    }),
    calibration: t.field({
      type: 'JSON',
      description:
        'The slope and intercept that map the log-odds of the raw score to those of the score.',
      resolve: (row) => definitionOf(row).calibration,
    }),
    isCalibrated: t.boolean({
      description: 'False if there was not enough data: slope 1 and intercept 0.',
      resolve: (row) => evidenceOf(row).isCalibrated,
    }),
    bands: t.field({
      type: [BandType],
      description: 'The thresholds from low to high. LOW begins with the first activity.',
      resolve: (row) => raisedBands.map((band) => ({ band, ...definitionOf(row).bands[band] })),
    }),
    customers: t.int({
      description: 'The number of customers in the data.',
      resolve: (row) => evidenceOf(row).customers,
    }),
    repeats: t.int({
      description: 'The number of days with activity after the first ones.',
      resolve: (row) => evidenceOf(row).repeats,
    }),
    dataFrom: t.string({ nullable: true, resolve: (row) => evidenceOf(row).from }),
    dataTo: t.string({ nullable: true, resolve: (row) => evidenceOf(row).to }),
    logLikelihood: t.float({ resolve: (row) => evidenceOf(row).logLikelihood }),
    converged: t.boolean({
      description: 'Always true: a fit that does not converge fails its job and is not stored.',
      resolve: () => true,
    }),
    hasPrior: t.boolean({
      description:
        'True if a prior was used: with fewer than 500 customers, or if a fit without one does not converge.',
      resolve: (row) => evidenceOf(row).hasPrior,
    }),
    backtest: t.field({
      type: BacktestSummaryType,
      nullable: true,
      description: 'Null if the history is too short.',
      resolve: (row) => evidenceOf(row).backtest,
    }),
  }),
});

const maxListed = 100;

builder.queryFields((t) => ({
  churnModel: t.field({
    type: ChurnModel,
    nullable: true,
    description: 'The active model or one of the versions. Null if it does not exist.',
    args: { version: t.arg.int({ description: 'Default: the active version.' }) },
    resolve: async (_root, { version }, ctx) => {
      const { workspaceId, tx } = ctx;
      if (version != null) {
        return tx.churnModel.findUnique({
          where: { workspaceId_version: { workspaceId, version }, mode: 'ACTIVITY' },
        });
      }
      return findModel(ctx, (await loadSettings(ctx)).activeModelId);
    },
  }),
  churnModels: t.field({
    type: [ChurnModel],
    description: `All versions, newest first, at most ${maxListed}.`,
    resolve: (_root, _args, { tx, workspaceId }) =>
      tx.churnModel.findMany({
        where: { workspaceId, mode: 'ACTIVITY' },
        orderBy: { version: 'desc' },
        take: maxListed,
      }),
  }),
}));
