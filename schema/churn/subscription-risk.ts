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
import { createBatch, perOperation } from '../kernel/per-operation.ts';
import { loadWorkspace } from '../kernel/workspace-row.ts';
import { BandType, loadSettings } from './churn-model.ts';

export const loadHistory = createBatch<SubscriptionHistory>(async (ctx, ids) => {
  const sql = sqlThrough(ctx.tx);
  const found = await loadSubscriptions(sql, ctx.workspaceId, { ids, until: ctx.now() });
  return new Map(found.map((history) => [history.customer, history]));
});

interface ModelInForce {
  id: string;
  version: number;
  createdAt: Date;
  definition: SubscriptionRiskModel;
  evidence: SubscriptionEvidence;
}

const loadModel = perOperation(async (ctx: RequestContext): Promise<ModelInForce | null> => {
  const { subscriptionModelId: id } = await loadSettings(ctx);
  if (id === null) return null;
  const { tx, workspaceId } = ctx;
  const row = await tx.churnModel.findUniqueOrThrow({
    where: { workspaceId_id: { workspaceId, id } },
  });
  return toModel(row);
});

/** Written by nobody else than the job that fits such models. */
const toModel = (row: object) => row as unknown as ModelInForce;

const statuses = {
  NONE: { description: 'No subscription is known of.' },
  ACTIVE: { description: 'Paid for up to the next renewal.' },
  IN_GRACE: { description: 'The renewal is due and has not come, for less than 30 days.' },
  LAPSED: { description: 'The renewal has not come within 30 days.' },
  CANCELLED: { description: 'Cancelled, whatever was paid for.' },
} as const satisfies Record<SubscriptionRisk['status'], { description: string }>;

const SubscriptionReason = builder
  .objectRef<{ code: string; text: string; contribution: number }>('SubscriptionReason')
  .implement({
    description: 'One of the terms that the score of a subscription is made of.',
    fields: (t) => ({
      code: t.exposeString('code', {
        description: 'Stable; made for programs: PAYMENT_FAILED, LOW_SATISFACTION and the like.',
      }),
      text: t.exposeString('text', { description: 'A sentence that one can say aloud.' }),
      contribution: t.exposeFloat('contribution', {
        description: 'What it adds to the log-odds: above 0 towards leaving.',
      }),
    }),
  });

interface Assessed {
  state: SubscriptionState;
  risk: SubscriptionRisk | null;
  version: number | null;
}

const ms = (instant: number | null) => (instant === null ? null : new Date(instant));

const SubscriptionRiskType = builder.objectRef<Assessed>('SubscriptionRisk').implement({
  description:
    'Whether a customer will renew, at this instant, and why. It is lost when nothing renews it within 30 days after the renewal was due.',
  fields: (t) => ({
    status: t.field({
      type: builder.enumType('SubscriptionStatus', {
        description: 'Where a subscription stands.',
        values: statuses,
      }),
      nullable: true,
      description: 'Null without a model in force.',
      resolve: ({ risk }) => risk?.status ?? null,
    }),
    statusChangesAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When time alone will change the status.',
      resolve: ({ risk }) => ms(risk?.changesAt ?? null),
    }),
    plan: t.string({ nullable: true, resolve: ({ state }) => state.plan }),
    renewsAt: t.field({
      type: 'DateTime',
      nullable: true,
      description:
        'When the next renewal is due: as told by `renewsAt`, or a `period` after the last.',
      resolve: ({ state }) => ms(state.periodEnd),
    }),
    renewals: t.int({ resolve: ({ state }) => state.renewals }),
    paymentFailedAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'The last failed payment that nothing has made good since.',
      resolve: ({ state }) => ms(state.paymentFailedAt),
    }),
    score: t.float({
      nullable: true,
      description:
        'P(the next renewal does not come), calibrated. Null without a model in force, and of a subscription that is over.',
      resolve: ({ risk }) => risk?.risk?.score ?? null,
    }),
    source: t.string({
      nullable: true,
      description:
        "HAZARD: the customer's own; PLAN, POOLED or PRIOR: the baseline of the plan, of all plans, or of what is usual elsewhere.",
      resolve: ({ risk }) => risk?.risk?.source ?? null,
    }),
    logOdds: t.float({
      nullable: true,
      description: 'Of the score: `base` and all contributions together.',
      resolve: ({ risk }) => risk?.risk?.logOdds ?? null,
    }),
    base: t.float({
      nullable: true,
      description: 'The log-odds of the average customer.',
      resolve: ({ risk }) => risk?.risk?.base ?? null,
    }),
    reasons: t.field({
      type: [SubscriptionReason],
      args: { first: t.arg.int({ description: 'The strongest ones; all when absent.' }) },
      resolve: ({ risk }, { first }) => {
        if (!risk?.risk) return [];
        return first == null ? risk.risk.reasons : topReasons(risk.risk, first);
      },
    }),
    notes: t.field({
      type: [SubscriptionReason],
      description: 'What else one should know, such as a renewal that is near.',
      resolve: ({ risk }) => risk?.risk?.notes ?? [],
    }),
    modelVersion: t.int({ nullable: true, resolve: ({ version }) => version }),
  }),
});

builder.prismaObjectField(Customer, 'subscriptionRisk', (t) =>
  t.field({
    type: SubscriptionRiskType,
    nullable: true,
    description: 'Whether it will renew its subscription. Null for whoever never had one.',
    resolve: async ({ id }, _args, ctx): Promise<Assessed | null> => {
      const history = await loadHistory(ctx, id, undefined);
      if (!history) return null;
      const { timeZone } = await loadWorkspace(ctx);
      const state = foldSubscription(history.events, timeZone);
      const model = await loadModel(ctx);
      const at = ctx.now().getTime();
      const usage = countUsage(state, history.activity, Math.min(at, state.periodEnd ?? at));
      const facts = { state, usage, at, timeZone };
      const risk = model && assessSubscription(model.definition, facts);
      return { state, risk, version: model?.version ?? null };
    },
  }),
);

const RenewalBacktest = builder.objectRef<RenewalSummary>('RenewalBacktest').implement({
  description:
    'A model, fitted on what was decided before, held against the renewals of a quarter.',
  fields: (t) => ({
    from: t.exposeString('from'),
    renewals: t.exposeInt('renewals'),
    baseRate: t.exposeFloat('baseRate', { description: 'The part of them that was lost.' }),
    auc: t.exposeFloat('auc', { nullable: true }),
    brier: t.exposeFloat('brier'),
    brierOfBaseline: t.exposeFloat('brierOfBaseline', {
      description: 'Of tenure and plan alone, by sBG.',
    }),
    brierOfActive: t.exposeFloat('brierOfActive', {
      nullable: true,
      description: 'Of the model that was in force when this one was fitted.',
    }),
    calibrationError: t.exposeFloat('calibrationError'),
  }),
});

const SubscriptionModelType = builder.objectRef<ModelInForce>('SubscriptionModel').implement({
  description:
    'What renewals are foretold by. It is never changed: fitting anew makes another version.',
  fields: (t) => ({
    version: t.exposeInt('version'),
    isActive: t.boolean({
      description: 'In force: what renewals are foretold by.',
      resolve: async ({ id }, _args, ctx) => (await loadSettings(ctx)).subscriptionModelId === id,
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
    customers: t.int({ resolve: ({ evidence }) => evidence.customers }),
    decidedRenewals: t.int({ resolve: ({ evidence }) => evidence.decided }),
    lostRenewals: t.int({ resolve: ({ evidence }) => evidence.lost }),
    missing: t.string({
      nullable: true,
      description: 'Why only the baseline is known, and what it takes to change that.',
      resolve: ({ evidence }) => evidence.missing,
    }),
    parameters: t.field({
      type: 'JSON',
      description: 'Of the hazard, the baselines and how late renewals come.',
      resolve: ({ definition: { hazard, baseline, lateness } }) => ({ hazard, baseline, lateness }),
    }),
    bands: t.field({
      type: [BandType],
      description: 'From low to high; LOW begins with the subscription.',
      resolve: ({ definition: { bands } }) => raisedBands.map((band) => ({ band, ...bands[band] })),
    }),
    backtest: t.field({
      type: RenewalBacktest,
      nullable: true,
      resolve: ({ evidence }) => evidence.backtest,
    }),
  }),
});

const mostListed = 100;

builder.queryFields((t) => ({
  subscriptionModel: t.field({
    type: SubscriptionModelType,
    nullable: true,
    description: 'The model of renewals in force; `fitChurnModel(mode: SUBSCRIPTION)` fits one.',
    resolve: (_root, _args, ctx) => loadModel(ctx),
  }),
  subscriptionModels: t.field({
    type: [SubscriptionModelType],
    description: `All versions, the newest first; at most ${mostListed}. \`activateChurnModel\` goes back to one.`,
    resolve: async (_root, _args, { tx, workspaceId }) => {
      const rows = await tx.churnModel.findMany({
        where: { workspaceId, mode: 'SUBSCRIPTION' },
        orderBy: { version: 'desc' },
        take: mostListed,
      });
      return rows.map(toModel);
    },
  }),
}));
