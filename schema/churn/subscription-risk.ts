import type {
  RenewalSummary,
  SubscriptionEvidence,
} from '../../src/domains/churn/fit-subscription-model.ts';
import { loadSubscriptions } from '../../src/domains/churn/load-subscriptions.ts';
import {
  raisedBands,
  type SubscriptionRiskModel,
} from '../../src/domains/churn/risk/risk-model.ts';
import { topReasons } from '../../src/domains/churn/subscription/reasons.ts';
import type { SubscriptionHistory } from '../../src/domains/churn/subscription/renewal-rows.ts';
import {
  foldSubscription,
  type SubscriptionState,
} from '../../src/domains/churn/subscription/subscription-history.ts';
import {
  assessSubscription,
  type SubscriptionRisk,
} from '../../src/domains/churn/subscription/subscription-risk.ts';
import { countUsage } from '../../src/domains/churn/subscription/usage.ts';
import { sqlThrough } from '../../src/platform/database.ts';
import { Customer } from '../customers/customer.ts';
import { builder } from '../kernel/builder.ts';
import type { RequestContext } from '../kernel/context.ts';
import { createBatch } from '../kernel/per-operation.ts';
import { loadWorkspace } from '../kernel/workspace-row.ts';
import { BandType, findModel } from './churn-model.ts';
import { loadSettings } from './churn-settings.ts';

export const loadHistory = createBatch<SubscriptionHistory>(async (ctx, ids) => {
  const db = sqlThrough(ctx.tx, ctx.workspaceId);
  const found = await loadSubscriptions(db, { ids, until: ctx.now() });
  return new Map(found.map((history) => [history.customer, history]));
});

interface ActiveModel {
  id: string;
  version: number;
  createdAt: Date;
  definition: SubscriptionRiskModel;
  evidence: SubscriptionEvidence;
}

async function loadModel(ctx: RequestContext): Promise<ActiveModel | undefined> {
  const row = await findModel(ctx, (await loadSettings(ctx)).subscriptionModelId);
  return row && toModel(row);
}

/** Written only by the job that fits such models. */
const toModel = (row: object) => row as unknown as ActiveModel;

const statuses = {
  NONE: { description: 'No subscription is known.' },
  ACTIVE: { description: 'Paid for up to the next renewal.' },
  IN_GRACE: { description: 'The renewal has been overdue for less than 30 days.' },
  LAPSED: { description: 'The renewal was not received within 30 days.' },
  CANCELLED: { description: 'Cancelled, even if the paid period has not ended.' },
} as const satisfies Record<SubscriptionRisk['status'], { description: string }>;

const SubscriptionReason = builder
  .objectRef<{ code: string; text: string; contribution: number }>('SubscriptionReason')
  .implement({
    description: 'One of the terms that add up to the score of a subscription.',
    fields: (t) => ({
      code: t.exposeString('code', {
        description: 'A stable code for programs, such as PAYMENT_FAILED or LOW_SATISFACTION.',
      }),
      text: t.exposeString('text', { description: 'A sentence for display.' }),
      contribution: t.exposeFloat('contribution', {
        description: 'The contribution to the log-odds, positive for a higher risk.',
      }),
    }),
  });

interface Assessed {
  state: SubscriptionState;
  risk: SubscriptionRisk | undefined;
  version: number | undefined;
}

const ms = (instant: number | null) => (instant === null ? null : new Date(instant));

const SubscriptionRiskType = builder.objectRef<Assessed>('SubscriptionRisk').implement({
  description:
    'The present risk that a customer does not renew, with its reasons. A subscription has ended if it is not renewed within 30 days after the due date.',
  fields: (t) => ({
    status: t.field({
      type: builder.enumType('SubscriptionStatus', {
        description: 'The status of a subscription.',
        values: statuses,
      }),
      nullable: true,
      description: 'Null without an active model.',
      resolve: ({ risk }) => risk?.status,
    }),
    statusChangesAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When the passing of time will change the status.',
      resolve: ({ risk }) => ms(risk?.changesAt ?? null),
    }),
    plan: t.string({ nullable: true, resolve: ({ state }) => state.plan }),
    renewsAt: t.field({
      type: 'DateTime',
      nullable: true,
      description:
        'When the next renewal is due: the property `renewsAt`, or one `period` after the last renewal.',
      resolve: ({ state }) => ms(state.periodEnd),
    }),
    renewals: t.int({ resolve: ({ state }) => state.renewals }),
    paymentFailedAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'The last failed payment that is still open.',
      resolve: ({ state }) => ms(state.paymentFailedAt),
    }),
    score: t.float({
      nullable: true,
      description:
        'P(no next renewal), calibrated. Null without an active model and for a subscription that has ended.',
      resolve: ({ risk }) => risk?.risk?.score,
    }),
    source: t.string({
      nullable: true,
      description:
        "The source of the score. HAZARD: the customer's own data. PLAN, POOLED or PRIOR: the baseline of the plan, of all plans, or of prior parameters.",
      resolve: ({ risk }) => risk?.risk?.source,
    }),
    logOdds: t.float({
      nullable: true,
      description: 'The log-odds of the score: `base` plus all contributions.',
      resolve: ({ risk }) => risk?.risk?.logOdds,
    }),
    base: t.float({
      nullable: true,
      description: 'The log-odds of the average customer.',
      resolve: ({ risk }) => risk?.risk?.base,
    }),
    reasons: t.field({
      type: [SubscriptionReason],
      args: { first: t.arg.int({ description: 'Only this many, strongest first. Default: all.' }) },
      resolve: ({ risk }, { first }) => {
        if (!risk?.risk) return [];
        return first == null ? risk.risk.reasons : topReasons(risk.risk, first);
      },
    }),
    notes: t.field({
      type: [SubscriptionReason],
      description: 'Additional notes, such as a renewal due soon.',
      resolve: ({ risk }) => risk?.risk?.notes ?? [],
    }),
    modelVersion: t.exposeInt('version', { nullable: true }),
  }),
});

builder.prismaObjectField(Customer, 'subscriptionRisk', (t) =>
  t.field({
    type: SubscriptionRiskType,
    nullable: true,
    description:
      'The risk that the customer does not renew. Null if the customer never had a subscription.',
    resolve: async ({ id }, _args, ctx): Promise<Assessed | null> => {
      const history = await loadHistory(ctx, id);
      if (!history) return null;
      const { timeZone } = await loadWorkspace(ctx);
      const state = foldSubscription(history.events, timeZone);
      const model = await loadModel(ctx);
      const at = ctx.now().getTime();
      const usage = countUsage(state, history.activity, Math.min(at, state.periodEnd ?? at));
      const facts = { state, usage, at, timeZone };
      const risk = model && assessSubscription(model.definition, facts);
      return { state, risk, version: model?.version };
    },
  }),
);

const RenewalBacktest = builder.objectRef<RenewalSummary>('RenewalBacktest').implement({
  description:
    'The backtest of a model on the renewals of one quarter, fitted on earlier renewals.',
  fields: (t) => ({
    from: t.exposeString('from'),
    renewals: t.exposeInt('renewals'),
    baseRate: t.exposeFloat('baseRate', {
      description: 'The share of renewals that did not happen.',
    }),
    auc: t.exposeFloat('auc', { nullable: true }),
    brier: t.exposeFloat('brier'),
    brierOfBaseline: t.exposeFloat('brierOfBaseline', {
      description: 'The Brier score of tenure and plan alone, by sBG.',
    }),
    brierOfActive: t.exposeFloat('brierOfActive', {
      nullable: true,
      description: 'The Brier score of the model that was active when this one was fitted.',
    }),
    calibrationError: t.exposeFloat('calibrationError'),
  }),
});

const SubscriptionModelType = builder.objectRef<ActiveModel>('SubscriptionModel').implement({
  description: 'A fitted model of renewals. Immutable: every fit creates a new version.',
  fields: (t) => ({
    version: t.exposeInt('version'),
    isActive: t.boolean({
      description: 'True for the model that predicts renewals.',
      resolve: async ({ id }, _args, ctx) => (await loadSettings(ctx)).subscriptionModelId === id,
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
    customers: t.int({ resolve: ({ evidence }) => evidence.customers }),
    decidedRenewals: t.int({ resolve: ({ evidence }) => evidence.decided }),
    lostRenewals: t.int({ resolve: ({ evidence }) => evidence.lost }),
    missing: t.string({
      nullable: true,
      description: 'What is missing if the model consists of the baseline only.',
      resolve: ({ evidence }) => evidence.missing,
    }),
    parameters: t.field({
      type: 'JSON',
      description: 'The parameters of the hazard, the baselines and the lateness of renewals.',
      resolve: ({ definition: { hazard, baseline, lateness } }) => ({ hazard, baseline, lateness }),
    }),
    bands: t.field({
      type: [BandType],
      description: 'The thresholds from low to high. LOW begins with the subscription.',
      resolve: ({ definition: { bands } }) => raisedBands.map((band) => ({ band, ...bands[band] })),
    }),
    backtest: t.field({
      type: RenewalBacktest,
      nullable: true,
      resolve: ({ evidence }) => evidence.backtest,
    }),
  }),
});

const maxListed = 100;

builder.queryFields((t) => ({
  subscriptionModel: t.field({
    type: SubscriptionModelType,
    nullable: true,
    description: 'The active model of renewals. `fitChurnModel(mode: SUBSCRIPTION)` fits one.',
    resolve: (_root, _args, ctx) => loadModel(ctx),
  }),
  subscriptionModels: t.field({
    type: [SubscriptionModelType],
    description: `All versions, newest first, at most ${maxListed}. \`activateChurnModel\` activates one of them.`,
    resolve: async (_root, _args, { tx, workspaceId }) => {
      const rows = await tx.churnModel.findMany({
        where: { workspaceId, mode: 'SUBSCRIPTION' },
        orderBy: { version: 'desc' },
        take: maxListed,
      });
      return rows.map(toModel);
    },
  }),
}));
