import type { Job, ChurnModel as ModelRow } from '../../prisma/generated/client.ts';
import type { BacktestSummary, ModelEvidence } from '../../src/domains/churn/fit-risk-model.ts';
import {
  activations,
  type ChurnJobData,
  churnModelKind,
  type JobOutcome,
} from '../../src/domains/churn/jobs.ts';
import {
  churnActivities,
  churnModes,
  type PurchaseRiskModel,
  type RaisedBand,
  raisedBands,
  type Threshold,
} from '../../src/domains/churn/risk/risk-model.ts';
import { loadChurnSettings, type StoredChurnSettings } from '../../src/domains/churn/settings.ts';
import { sqlThrough } from '../../src/platform/database.ts';
import type { ForecastTotals } from '../../src/statistics/backtest/totals.ts';
import { builder } from '../kernel/builder.ts';
import type { RequestContext } from '../kernel/context.ts';
import { requireSize } from '../kernel/page.ts';
import { perOperation } from '../kernel/per-operation.ts';
import { BacktestTotals } from './churn-backtest.ts';
import { RiskBandType } from './risk-parts.ts';

export const loadSettings = perOperation((ctx: RequestContext) =>
  loadChurnSettings(sqlThrough(ctx.tx, ctx.workspaceId)),
);

export const ChurnActivityType = builder.enumType('ChurnActivity', {
  description: 'What counts as activity: orders only, or any event.',
  values: churnActivities,
});

export const ActivationType = builder.enumType('ChurnModelActivation', {
  description:
    'Whether a fitted model is activated: if its Brier score on the latest window is at most 0.005 worse than that of the active model, always, or never.',
  values: activations,
});

export const ChurnModeType = builder.enumType('ChurnMode', {
  description:
    'The kind of churn: inactivity of customers without a contract, or subscriptions that are not renewed. A workspace may have a model of each kind; the one of its mode assesses the risk.',
  values: churnModes,
});

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

// Written only by `storeModel`.
const definitionOf = ({ definition }: ModelRow) => definition as unknown as PurchaseRiskModel;
const evidenceOf = ({ evidence }: ModelRow) => evidence as unknown as ModelEvidence;

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
        'The parameters of Gamma-Gamma, v in minor units. Null if there is not enough data on spending.',
      resolve: (row) => definitionOf(row).spend,
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
      description: 'True with fewer than 500 customers: a prior was used.',
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

const outcomes = {
  ACTIVATED: { description: 'The model was activated and all customers were assessed.' },
  KEPT: { description: 'The model was stored without activation, as requested.' },
  WORSE: {
    description: 'The model was stored but not activated, because it is worse than the active one.',
  },
  INSUFFICIENT_DATA: { description: 'No model was fitted. `message` says what data is missing.' },
  ERROR: { description: 'No model was fitted because of an error. See `message`.' },
} as const satisfies Record<JobOutcome, { description: string }>;

const toJobData = ({ data }: Pick<Job, 'data'>) => data as unknown as ChurnJobData;

export const ChurnModelJob = builder.objectRef<Job>('ChurnModelJob').implement({
  description: 'A job that fits a model or assesses customers with a newly activated model.',
  fields: (t) => ({
    id: t.exposeID('id'),
    state: t.field({
      type: builder.enumType('ChurnModelJobState', {
        description: 'The state of a job.',
        values: ['RUNNING', 'DONE', 'FAILED'] as const,
      }),
      resolve: ({ state }) => state as 'RUNNING',
    }),
    phase: t.field({
      type: builder.enumType('ChurnModelJobPhase', {
        description: 'The present or last phase of a job.',
        values: {
          FITTING: { description: 'The model is fitted and backtested.' },
          APPLYING: { description: 'The model is active and customers are being assessed.' },
        },
      }),
      resolve: (job) => toJobData(job).phase,
    }),
    done: t.exposeInt('done', { description: 'The number of customers assessed so far.' }),
    total: t.exposeInt('total', {
      description: 'The number of customers to assess. 0 while a model is fitted.',
    }),
    outcome: t.field({
      type: builder.enumType('ChurnModelJobOutcome', {
        description: 'The outcome of a job.',
        values: outcomes,
      }),
      nullable: true,
      description: 'Null while the job is running.',
      resolve: ({ outcome }) => outcome as JobOutcome | null,
    }),
    message: t.exposeString('message', {
      nullable: true,
      description: 'What to do if no model was fitted.',
    }),
    model: t.field({
      type: ChurnModel,
      nullable: true,
      description:
        'The fitted model of the mode ACTIVITY. See `subscriptionModel` for the mode SUBSCRIPTION.',
      resolve: (job, _args, ctx) => {
        const { modelId, mode } = toJobData(job);
        return modelId === null || mode !== 'ACTIVITY'
          ? null
          : ctx.tx.churnModel.findUniqueOrThrow({
              where: { workspaceId_id: { workspaceId: ctx.workspaceId, id: modelId } },
            });
      },
    }),
    startedAt: t.expose('startedAt', { type: 'DateTime' }),
    finishedAt: t.expose('finishedAt', { type: 'DateTime', nullable: true }),
  }),
});

export const ChurnSettingsType = builder.objectRef<StoredChurnSettings>('ChurnSettings').implement({
  description: 'The churn settings of the workspace.',
  fields: (t) => ({
    mode: t.expose('mode', {
      type: ChurnModeType,
      description: 'Whether churn means inactivity or subscriptions that are not renewed.',
    }),
    assessedBy: t.expose('assessedBy', {
      type: ChurnModeType,
      description:
        'The mode of the model that assesses the risk: `mode` as soon as it has an active model.',
    }),
    activity: t.expose('activity', { type: ChurnActivityType }),
    horizonDays: t.exposeInt('horizonDays', {
      description: 'Customers without activity for this many days count as churned.',
    }),
    automaticRefit: t.exposeBoolean('automaticRefit', {
      description:
        'Refits the model at night after 5 % more events, otherwise once a week, and activates it if it is not worse.',
    }),
    activatedAt: t.expose('activatedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the present model was activated.',
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
      const { activeModelId: id } = await loadSettings(ctx);
      return id === null
        ? null
        : tx.churnModel.findUnique({ where: { workspaceId_id: { workspaceId, id } } });
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
  churnModelJobs: t.field({
    type: [ChurnModelJob],
    description: 'The latest jobs, newest first.',
    args: { first: t.arg.int({ defaultValue: 1, description: `1 to ${maxListed}.` }) },
    resolve: (_root, { first }, { tx, workspaceId }) =>
      tx.job.findMany({
        where: { workspaceId, kind: churnModelKind },
        orderBy: { id: 'desc' },
        take: requireSize('first', first ?? 1, maxListed),
      }),
  }),
  churnSettings: t.field({
    type: ChurnSettingsType,
    description: 'The churn settings of the workspace.',
    resolve: (_root, _args, ctx) => loadSettings(ctx),
  }),
}));
