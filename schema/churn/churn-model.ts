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
  loadChurnSettings(sqlThrough(ctx.tx), ctx.workspaceId),
);

export const ChurnActivityType = builder.enumType('ChurnActivity', {
  description: 'What a customer has to do to count as there: place an order, or anything at all.',
  values: churnActivities,
});

export const ActivationType = builder.enumType('ChurnModelActivation', {
  description:
    'Whether a model comes into force once it is fitted: if its Brier score on the latest window is no worse than that of the model in force (by .005), whatever it is, or not by itself.',
  values: activations,
});

export const ChurnModeType = builder.enumType('ChurnMode', {
  description:
    'What a model is about: customers who buy without a contract and are lost by staying away, or those who are lost by not renewing a subscription. A workspace may have a model of each; risk is assessed by that of its own mode.',
  values: churnModes,
});

const BacktestSummaryType = builder.objectRef<BacktestSummary>('ChurnModelBacktest').implement({
  description:
    'How the model did, fitted on what was known before the latest window of which the outcome is known, and held against that window.',
  fields: (t) => ({
    from: t.exposeString('from', { description: 'The first day of the window.' }),
    customers: t.exposeInt('customers', {
      description: 'How many were looked at; of many a sample.',
    }),
    baseRate: t.exposeFloat('baseRate', { description: 'The part of them that was silent.' }),
    auc: t.exposeFloat('auc', { nullable: true }),
    brier: t.exposeFloat('brier'),
    brierOfRecency: t.float({
      nullable: true,
      description: 'Of days since the last activity alone.',
      resolve: ({ recencyBrier }) => recencyBrier,
    }),
    brierOfActive: t.exposeFloat('brierOfActive', {
      nullable: true,
      description: 'Of the model that was in force when this one was fitted.',
    }),
    calibrationError: t.exposeFloat('calibrationError', {
      description: 'ECE in ten bins of the same width.',
    }),
    purchases: t.field({
      type: BacktestTotals,
      resolve: ({ purchases }): ForecastTotals => purchases,
    }),
    value: t.field({
      type: BacktestTotals,
      nullable: true,
      description: "Minor units of the workspace's currency; null where too few came back.",
      resolve: ({ value }) => value,
    }),
  }),
});

export const BandType = builder
  .objectRef<Threshold & { band: RaisedBand }>('RiskBandThreshold')
  .implement({
    description: 'Where a band of risk begins, and below which score a new model lets it end.',
    fields: (t) => ({
      band: t.field({ type: RiskBandType, resolve: ({ band }) => band }),
      enter: t.exposeFloat('enter'),
      exit: t.exposeFloat('exit'),
    }),
  });

// Written by nobody else than `storeModel`.
const definitionOf = ({ definition }: ModelRow) => definition as unknown as PurchaseRiskModel;
const evidenceOf = ({ evidence }: ModelRow) => evidence as unknown as ModelEvidence;

export const ChurnModel = builder.objectRef<ModelRow>('ChurnModel').implement({
  description:
    'A fitted model of how customers come back and stay away. It is never changed: fitting anew makes another version.',
  fields: (t) => ({
    version: t.exposeInt('version'),
    isActive: t.boolean({
      description: 'In force: what risk is assessed by.',
      resolve: async ({ id }, _args, ctx) => (await loadSettings(ctx)).activeModelId === id,
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
    activity: t.field({ type: ChurnActivityType, resolve: (row) => definitionOf(row).activity }),
    horizonDays: t.int({ resolve: (row) => definitionOf(row).horizonDays }),
    parameters: t.field({
      type: 'JSON',
      description:
        'Of MBG/NBD, in days: r and alpha tell how often customers come, a and b how readily they leave.',
      resolve: (row) => definitionOf(row).parameters,
    }),
    spendParameters: t.field({
      type: 'JSON',
      nullable: true,
      description:
        'Of Gamma-Gamma, v in minor units; null where too little is known of what customers spend.',
      resolve: (row) => definitionOf(row).spend,
    }),
    spendCorrelation: t.float({
      nullable: true,
      description:
        'How the value of purchases goes with their number. Beyond .3 either way lifetime values are doubtful.',
      resolve: (row) => evidenceOf(row).spendCorrelation,
    }),
    calibration: t.field({
      type: 'JSON',
      description: 'Slope and intercept from the log-odds of the raw score to those of the score.',
      resolve: (row) => definitionOf(row).calibration,
    }),
    isCalibrated: t.boolean({
      description: 'False where too little was known to calibrate: slope 1 and intercept 0.',
      resolve: (row) => evidenceOf(row).isCalibrated,
    }),
    bands: t.field({
      type: [BandType],
      description: 'From low to high; LOW begins with the first activity.',
      resolve: (row) => raisedBands.map((band) => ({ band, ...definitionOf(row).bands[band] })),
    }),
    customers: t.int({
      description: 'How many it was fitted on.',
      resolve: (row) => evidenceOf(row).customers,
    }),
    repeats: t.int({
      description: 'Days with activity after the first ones.',
      resolve: (row) => evidenceOf(row).repeats,
    }),
    dataFrom: t.string({ nullable: true, resolve: (row) => evidenceOf(row).from }),
    dataTo: t.string({ nullable: true, resolve: (row) => evidenceOf(row).to }),
    logLikelihood: t.float({ resolve: (row) => evidenceOf(row).logLikelihood }),
    converged: t.boolean({
      description: 'Always true: a fit that does not converge is told by its job and never stored.',
      resolve: () => true,
    }),
    hasPrior: t.boolean({
      description: 'Fewer than 500 customers: a prior had its say.',
      resolve: (row) => evidenceOf(row).hasPrior,
    }),
    backtest: t.field({
      type: BacktestSummaryType,
      nullable: true,
      description: 'Null where the past is too short.',
      resolve: (row) => evidenceOf(row).backtest,
    }),
  }),
});

const outcomes = {
  ACTIVATED: { description: 'The model is in force, and everybody is assessed by it.' },
  KEPT: { description: 'The model was fitted and is kept; it was not to come into force.' },
  WORSE: { description: 'The model was fitted and is kept, but is worse than the one in force.' },
  INSUFFICIENT_DATA: { description: 'Nothing was fitted; `message` says what is missing.' },
  ERROR: { description: 'Nothing was fitted, not for want of data; `message` says more.' },
} as const satisfies Record<JobOutcome, { description: string }>;

const toJobData = ({ data }: Pick<Job, 'data'>) => data as unknown as ChurnJobData;

export const ChurnModelJob = builder.objectRef<Job>('ChurnModelJob').implement({
  description: 'A model being fitted, and customers being assessed by one that came into force.',
  fields: (t) => ({
    id: t.exposeID('id'),
    state: t.field({
      type: builder.enumType('ChurnModelJobState', {
        description: 'How far a job has got.',
        values: ['RUNNING', 'DONE', 'FAILED'] as const,
      }),
      resolve: ({ state }) => state as 'RUNNING',
    }),
    phase: t.field({
      type: builder.enumType('ChurnModelJobPhase', {
        description: 'What a job does or did last.',
        values: {
          FITTING: { description: 'The model is fitted and held against the past.' },
          APPLYING: { description: 'The model is in force, and customers are assessed by it.' },
        },
      }),
      resolve: (job) => toJobData(job).phase,
    }),
    done: t.exposeInt('done', { description: 'How many customers were assessed.' }),
    total: t.exposeInt('total', { description: 'Of how many; 0 while a model is fitted.' }),
    outcome: t.field({
      type: builder.enumType('ChurnModelJobOutcome', {
        description: 'How a job ended.',
        values: outcomes,
      }),
      nullable: true,
      description: 'Null while it runs.',
      resolve: ({ outcome }) => outcome as JobOutcome | null,
    }),
    message: t.exposeString('message', {
      nullable: true,
      description: 'What to do, where nothing was fitted.',
    }),
    model: t.field({
      type: ChurnModel,
      nullable: true,
      description: 'Of the mode ACTIVITY; of the other one see `subscriptionModel`.',
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
  description: 'What the workspace means by churn.',
  fields: (t) => ({
    mode: t.field({
      type: ChurnModeType,
      description: 'Whether customers are lost by staying away or by not renewing.',
      resolve: ({ mode }) => mode,
    }),
    assessedBy: t.field({
      type: ChurnModeType,
      description: 'Of the model that risk is assessed by: `mode` as soon as that has a model.',
      resolve: ({ assessedBy }) => assessedBy,
    }),
    activity: t.field({ type: ChurnActivityType, resolve: ({ activity }) => activity }),
    horizonDays: t.exposeInt('horizonDays', {
      description: 'Whoever is not active for so long counts as lost.',
    }),
    automaticRefit: t.exposeBoolean('automaticRefit', {
      description:
        'Models are fitted anew at night if there are 5 % more events, else once a week, and come into force if they are no worse.',
    }),
    activatedAt: t.expose('activatedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the present model came into force.',
    }),
  }),
});

const mostListed = 100;

builder.queryFields((t) => ({
  churnModel: t.field({
    type: ChurnModel,
    nullable: true,
    description: 'The model in force, or one of its versions. Null where there is none.',
    args: { version: t.arg.int({ description: 'The one in force when absent.' }) },
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
    description: `All versions, the newest first; at most ${mostListed}.`,
    resolve: (_root, _args, { tx, workspaceId }) =>
      tx.churnModel.findMany({
        where: { workspaceId, mode: 'ACTIVITY' },
        orderBy: { version: 'desc' },
        take: mostListed,
      }),
  }),
  churnModelJobs: t.field({
    type: [ChurnModelJob],
    description: 'The latest jobs, the newest first.',
    args: { first: t.arg.int({ defaultValue: 1, description: `At most ${mostListed}.` }) },
    resolve: (_root, { first }, { tx, workspaceId }) =>
      tx.job.findMany({
        where: { workspaceId, kind: churnModelKind },
        orderBy: { id: 'desc' },
        take: requireSize('first', first ?? 1, mostListed),
      }),
  }),
  churnSettings: t.field({
    type: ChurnSettingsType,
    description: 'What the workspace means by churn.',
    resolve: (_root, _args, ctx) => loadSettings(ctx),
  }),
}));
