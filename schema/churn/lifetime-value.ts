import type { Customer as CustomerRow } from '../../prisma/generated/client.ts';
import type { ModelEvidence } from '../../src/domains/churn/fit-risk-model.ts';
import type { ValueSum } from '../../src/domains/churn/load-values.ts';
import type { RiskTrajectory } from '../../src/domains/churn/risk/trajectory.ts';
import { defaultValueTerms, type ValueTerms } from '../../src/domains/churn/risk/value.ts';
import { whereHolds } from '../../src/engine/conditions/where.ts';
import { InvalidInput } from '../../src/platform/errors.ts';
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
import { loadSettings } from './churn-model.ts';
import { courseOfRow, requireDays } from './risk.ts';

const termArgs = {
  horizonDays: 'How far ahead, 1 to 730 days; always finite.',
  discountRate: 'What later money is worth less by the year, 0 to 1: 0.1 for ten percent.',
  margin: 'The part of what is spent that is earned, 0 to 1.',
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

type ToldTerms = { [Key in keyof ValueTerms]?: number | null | undefined };

/** @throws InvalidInput */
function toTerms(told: ToldTerms): ValueTerms {
  const share = (name: 'discountRate' | 'margin') => {
    const value = told[name] ?? defaultValueTerms[name];
    if (value >= 0 && value <= 1) return value;
    throw new InvalidInput(`\`${name}\` is from 0 to 1.`);
  };
  const horizonDays = requireDays(told.horizonDays ?? defaultValueTerms.horizonDays);
  return { horizonDays, discountRate: share('discountRate'), margin: share('margin') };
}

const toMoney = (ctx: RequestContext, value: number | null) =>
  value === null ? null : ownMoney(ctx, BigInt(Math.round(value)));

/** How a customer goes on; guesses are good for no money. */
async function courseInForce(
  ctx: RequestContext,
  row: CustomerRow,
): Promise<RiskTrajectory | undefined> {
  const { model, missing } = await loadAssessor(ctx);
  if (missing !== null || row.mergedInto !== null) return undefined;
  // Money comes by orders, whatever else counts as activity.
  if (model?.mode === 'ACTIVITY' && model.activity !== 'PURCHASES') return undefined;
  return (await courseOfRow(ctx, row)).course;
}

/** What was expected and what came, of the window that the model in force was held against. */
const loadAccuracy = perOperation(async (ctx: RequestContext) => {
  const { activeModelId: id, assessedBy } = await loadSettings(ctx);
  if (id === null || assessedBy !== 'ACTIVITY') return null;
  const { tx, workspaceId } = ctx;
  const row = await tx.churnModel.findUniqueOrThrow({
    where: { workspaceId_id: { workspaceId, id } },
  });
  return (row.evidence as unknown as ModelEvidence).backtest?.value ?? null;
});

const predicted =
  'Expected to be spent from now on: by MBG/NBD and Gamma-Gamma or, of subscribers whose events tell a `price`, by the renewals due within the horizon. Null without a model in force that knows what customers spend, and for whoever never ordered.';

const accuracy =
  'What the model in force expected of all customers in the latest window of which the outcome is known, and what came: hold it against `predicted`.';

const CustomerLifetimeValue = builder.objectRef<CustomerRow>('CustomerLifetimeValue').implement({
  description: "What a customer brought and is expected to bring, in the workspace's currency.",
  fields: (t) => ({
    historic: t.field({
      type: Money,
      description: 'Orders less refunds so far.',
      resolve: ({ grossRevenue, refunded }, _args, ctx) => ownMoney(ctx, grossRevenue - refunded),
    }),
    predicted: t.field({
      type: Money,
      nullable: true,
      description: predicted,
      args: termsOf(t.arg),
      resolve: async (row, args, ctx) => {
        const terms = toTerms(args);
        const course = await courseInForce(ctx, row);
        return toMoney(ctx, course?.valueAt(ctx.now().getTime(), terms) ?? null);
      },
    }),
    atLastOrder: t.field({
      type: Money,
      nullable: true,
      description:
        'The same for a year as of just after the last order or renewal, whatever the silence since: what `CustomerFilter.lifetimeValue` asks for.',
      resolve: async (row, _args, ctx) => {
        const course = await courseInForce(ctx, row);
        return toMoney(ctx, course?.valueAt(course.since) ?? null);
      },
    }),
    accuracy: t.field({
      type: BacktestTotals,
      nullable: true,
      description: accuracy,
      resolve: (_row, _args, ctx) => loadAccuracy(ctx),
    }),
  }),
});

builder.prismaObjectField(Customer, 'lifetimeValue', (t) =>
  t.field({
    type: CustomerLifetimeValue,
    description: 'What it brought and is expected to bring.',
    resolve: (row) => row,
  }),
);

const LifetimeValues = builder.objectRef<ValueSum>('LifetimeValues').implement({
  description: 'What some customers brought and are expected to bring, together.',
  fields: (t) => ({
    customers: t.exposeInt('customers'),
    buyers: t.exposeInt('buyers', { description: 'Those of them who ordered.' }),
    historic: t.field({
      type: Money,
      description: 'Orders less refunds so far.',
      resolve: ({ historic }, _args, ctx) => ownMoney(ctx, historic),
    }),
    predicted: t.field({
      type: Money,
      nullable: true,
      description: `${predicted} Ages, and the days until the next renewal, count whole.`,
      resolve: ({ predicted: sum }, _args, ctx) => toMoney(ctx, sum),
    }),
    predictedPerBuyer: t.field({
      type: Money,
      nullable: true,
      resolve: ({ predicted: sum, buyers }, _args, ctx) =>
        toMoney(ctx, sum === null || buyers === 0 ? null : sum / buyers),
    }),
    accuracy: t.field({
      type: BacktestTotals,
      nullable: true,
      description: accuracy,
      resolve: (_sum, _args, ctx) => loadAccuracy(ctx),
    }),
  }),
});

builder.queryField('lifetimeValues', (t) =>
  t.field({
    type: LifetimeValues,
    description:
      'The lifetime value of customers together: of a segment by `where: { segment: ... }`, of a stage by `where: { stage: ... }`, of everybody without.',
    complexity: scanOf(2, 'Ask for fewer sums at a time.'),
    args: { where: t.arg({ type: CustomerFilter }), ...termsOf(t.arg) },
    resolve: async (_root, { where, ...told }, ctx) => {
      const terms = toTerms(told);
      const condition = await requireCondition(ctx, where ?? { all: [] });
      const { timeZone } = await loadWorkspace(ctx);
      const now = ctx.now();
      const { workspaceId, signal } = ctx;
      const holds = whereHolds(condition, { workspaceId, timeZone, now });
      const { riskModel } = await vocabularyOf(ctx);
      const request = { model: riskModel, condition: holds, terms };
      return ctx.services.churn.values(workspaceId, request, { now, signal });
    },
  }),
);
