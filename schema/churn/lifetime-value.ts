import type { Customer as CustomerRow } from '../../prisma/generated/client.ts';
import type { ValueSum } from '../../src/domains/churn/load-values.ts';
import type { RiskTrajectory } from '../../src/domains/churn/risk/trajectory.ts';
import { defaultValueTerms, type ValueTerms } from '../../src/domains/churn/risk/value.ts';
import { conditionSql } from '../../src/engine/conditions/where.ts';
import { InvalidInput } from '../../src/platform/errors.ts';
import type { SpendSource } from '../../src/statistics/models/spend-model.ts';
import { Customer } from '../customers/customer.ts';
import { CustomerFilter, requireCondition, vocabularyOf } from '../filter/filter.ts';
import { builder } from '../kernel/builder.ts';
import type { RequestContext } from '../kernel/context.ts';
import { scanOf } from '../kernel/cost.ts';
import { Money, ownMoney } from '../kernel/money.ts';
import { perOperation } from '../kernel/per-operation.ts';
import { loadWorkspace } from '../kernel/workspace-row.ts';
import { loadAssessor } from './assessor.ts';
import { BacktestTotals } from './churn-backtest.ts';
import { evidenceOf, findModel, SpendSourceType, spendSourceOf } from './churn-model.ts';
import { loadSettings } from './churn-settings.ts';
import { requireDays, trajectoryOfCustomer } from './risk.ts';

const termArgs = {
  horizonDays: 'The forecast horizon, 1 to 730 days.',
  discountRate: 'The discount rate per year, 0 to 1. For example 0.1 for 10 %.',
  margin: 'The profit margin, 0 to 1.',
};

type Arg = Parameters<Parameters<typeof builder.queryField>[1]>[0]['arg'];

const termsOf = (arg: Arg) => ({
  horizonDays: arg.int({
    defaultValue: defaultValueTerms.horizonDays,
    description: termArgs.horizonDays,
  }),
  discountRate: arg.float({
    defaultValue: defaultValueTerms.discountRate,
    description: termArgs.discountRate,
  }),
  margin: arg.float({ defaultValue: defaultValueTerms.margin, description: termArgs.margin }),
});

type TermArgs = { [Key in keyof ValueTerms]?: number | null | undefined };

/** @throws InvalidInput */
function toTerms(args: TermArgs): ValueTerms {
  const share = (name: 'discountRate' | 'margin') => {
    const value = args[name] ?? defaultValueTerms[name];
    if (value >= 0 && value <= 1) return value;
    throw new InvalidInput(`\`${name}\` is ${value}. It must be between 0 and 1.`);
  };
  const horizonDays = requireDays(args.horizonDays ?? defaultValueTerms.horizonDays);
  return { horizonDays, discountRate: share('discountRate'), margin: share('margin') };
}

const toMoney = (ctx: RequestContext, value: number | null) =>
  value === null ? null : ownMoney(ctx, BigInt(Math.round(value)));

/** The risk trajectory of the active model. Estimates are not used for amounts. */
async function activeTrajectory(
  ctx: RequestContext,
  row: CustomerRow,
): Promise<RiskTrajectory | undefined> {
  const { model, missing } = await loadAssessor(ctx);
  if (missing !== null || row.mergedInto !== null) return undefined;
  // Spending comes from orders, even if any event counts as activity.
  if (model?.mode === 'ACTIVITY' && model.activity !== 'PURCHASES') return undefined;
  return (await trajectoryOfCustomer(ctx, row)).trajectory;
}

/** The active model, if the value of purchases is estimated by one. */
const loadSpendingModel = perOperation(async (ctx: RequestContext) => {
  const { activeModelId: id, assessedBy } = await loadSettings(ctx);
  return assessedBy === 'ACTIVITY' ? findModel(ctx, id) : undefined;
});

async function loadSpendSource(ctx: RequestContext): Promise<SpendSource | null> {
  const model = await loadSpendingModel(ctx);
  return model ? spendSourceOf(model) : null;
}

/** The expected and actual spending in the backtest of the active model. */
const loadAccuracy = perOperation(async (ctx: RequestContext) => {
  const model = await loadSpendingModel(ctx);
  return model && evidenceOf(model).backtest?.value;
});

const predicted =
  'The expected future spending, by MBG/NBD and Gamma-Gamma or, for subscribers whose events have a `price`, by the renewals due within the horizon. Null without an active model of spending and for customers without orders in that currency.';

const accuracy =
  'The expected and actual spending of all customers in the latest window with a known outcome, by the active model.';

const spendSource =
  'How the value of future purchases was estimated. Null without an active model of spending and for subscribers.';

const CustomerLifetimeValue = builder.objectRef<CustomerRow>('CustomerLifetimeValue').implement({
  description: "The past and expected revenue of a customer, in the workspace's currency.",
  fields: (t) => ({
    historic: t.field({
      type: Money,
      description: 'Orders less refunds to date.',
      resolve: ({ grossRevenue, refunded }, _args, ctx) => ownMoney(ctx, grossRevenue - refunded),
    }),
    predicted: t.field({
      type: Money,
      nullable: true,
      description: predicted,
      args: termsOf(t.arg),
      resolve: async (row, args, ctx) => {
        const terms = toTerms(args);
        const trajectory = await activeTrajectory(ctx, row);
        return toMoney(ctx, trajectory?.valueAt(ctx.now().getTime(), terms) ?? null);
      },
    }),
    atLastOrder: t.field({
      type: Money,
      nullable: true,
      description:
        'The expected spending within one year as of the last order or renewal, without the effect of later inactivity. `CustomerFilter.lifetimeValue` compares this value.',
      resolve: async (row, _args, ctx) => {
        const trajectory = await activeTrajectory(ctx, row);
        return toMoney(ctx, trajectory?.valueAt(trajectory.since) ?? null);
      },
    }),
    accuracy: t.field({
      type: BacktestTotals,
      nullable: true,
      description: accuracy,
      resolve: (_row, _args, ctx) => loadAccuracy(ctx),
    }),
    spendSource: t.field({
      type: SpendSourceType,
      nullable: true,
      description: spendSource,
      resolve: (_row, _args, ctx) => loadSpendSource(ctx),
    }),
  }),
});

builder.prismaObjectField(Customer, 'lifetimeValue', (t) =>
  t.field({
    type: CustomerLifetimeValue,
    description: 'The past and expected revenue of the customer.',
    resolve: (row) => row,
  }),
);

const LifetimeValues = builder.objectRef<ValueSum>('LifetimeValues').implement({
  description: 'The past and expected revenue of a group of customers.',
  fields: (t) => ({
    customers: t.exposeInt('customers'),
    buyers: t.exposeInt('buyers', { description: 'The number of customers with orders.' }),
    historic: t.field({
      type: Money,
      description: 'Orders less refunds to date.',
      resolve: ({ historic }, _args, ctx) => ownMoney(ctx, historic),
    }),
    predicted: t.field({
      type: Money,
      nullable: true,
      description: `${predicted} Customer ages and days until renewal are rounded to whole days.`,
      resolve: ({ predicted: sum }, _args, ctx) => toMoney(ctx, sum),
    }),
    predictedPerBuyer: t.field({
      type: Money,
      nullable: true,
      description: "`predicted` by customers with orders in the workspace's currency.",
      resolve: ({ predicted: sum, ownBuyers }, _args, ctx) =>
        toMoney(ctx, sum === null || ownBuyers === 0 ? null : sum / ownBuyers),
    }),
    accuracy: t.field({
      type: BacktestTotals,
      nullable: true,
      description: accuracy,
      resolve: (_sum, _args, ctx) => loadAccuracy(ctx),
    }),
    spendSource: t.field({
      type: SpendSourceType,
      nullable: true,
      description: spendSource,
      resolve: (_sum, _args, ctx) => loadSpendSource(ctx),
    }),
  }),
});

builder.queryField('lifetimeValues', (t) =>
  t.field({
    type: LifetimeValues,
    description:
      'The total lifetime value of customers: of a segment with `where: { segment: ... }`, of a stage with `where: { stage: ... }`, of all customers without `where`.',
    complexity: scanOf(2, 'Request fewer totals at a time.'),
    args: { where: t.arg({ type: CustomerFilter }), ...termsOf(t.arg) },
    resolve: async (_root, { where, ...args }, ctx) => {
      const terms = toTerms(args);
      const condition = await requireCondition(ctx, where ?? { all: [] });
      const { timeZone } = await loadWorkspace(ctx);
      const now = ctx.now();
      const { workspaceId, signal } = ctx;
      const { strings, values } = conditionSql(condition, { workspaceId, timeZone, now });
      const { riskModel: model } = await vocabularyOf(ctx);
      // Class instances cannot be passed to another thread.
      const task = { workspaceId, model, condition: { strings, values }, terms, now };
      return ctx.services.compute({ kind: 'VALUES', ...task }, signal);
    },
  }),
);
