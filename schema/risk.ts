import type { CustomerRisk, Customer as CustomerRow } from '../prisma/generated/client.ts';
import { mostHorizonDays } from '../src/churn/churn-backtest.ts';
import { mbgNbd } from '../src/churn/models/mbg-nbd.ts';
import { type Activity, historyAt } from '../src/churn/risk/activity.ts';
import { nextChange } from '../src/churn/risk/next-change.ts';
import { explainScore, type RiskExplanation } from '../src/churn/risk/reasons.ts';
import type { ChurnActivity, RiskBand, RiskModel } from '../src/churn/risk/risk-model.ts';
import { pAliveAt } from '../src/churn/risk/score.ts';
import { InvalidInput } from '../src/platform/errors.ts';
import { type Assessor, loadAssessor } from './assessor.ts';
import { builder } from './builder.ts';
import { Customer } from './customer.ts';
import { createBatch } from './per-operation.ts';
import { RiskBandType, RiskReason } from './risk-parts.ts';

const states = {
  ASSESSED: { description: 'By the model in force.' },
  INSUFFICIENT_DATA: {
    description: 'There is no model in force; `missing` says what to do. A score is a rough guess.',
  },
  NO_ACTIVITY: { description: 'The customer never did what counts as activity.' },
} as const;

const RiskState = builder.enumType('RiskState', {
  description: 'Whether the risk of a customer is known.',
  values: states,
});

/** A customer's risk as it is asked about. */
interface AskedRisk {
  assessor: Assessor;
  activity: Activity | undefined;
  stored: CustomerRisk | undefined;
  at: number;
}

const loadStored = createBatch<CustomerRisk>(async ({ tx, workspaceId }, ids) => {
  const rows = await tx.customerRisk.findMany({
    where: { workspaceId, customerId: { in: [...ids] } },
  });
  return new Map(rows.map((row) => [row.customerId, row]));
});

/** What a row says of the activity that counts; undefined without any. */
export function activityOf(row: CustomerRow, kind: ChurnActivity): Activity | undefined {
  const repeatValue = Number(row.grossRevenue - row.firstDayValue);
  if (kind === 'ANY_ACTIVITY') {
    const [first, last] = [row.firstSeenAt.getTime(), row.lastSeenAt.getTime()];
    return row.activeDays > 0 ? { x: row.activeDays - 1, first, last, repeatValue } : undefined;
  }
  if (!row.firstOrderAt || !row.lastOrderAt || row.orderDays === 0) return undefined;
  const [first, last] = [row.firstOrderAt.getTime(), row.lastOrderAt.getTime()];
  return { x: row.orderDays - 1, first, last, repeatValue };
}

interface Modelled extends AskedRisk {
  model: RiskModel;
  activity: Activity;
}

/** What is worked out by a model, null where there is none or nothing to go by. */
const worked =
  <T>(work: (asked: Modelled) => T) =>
  ({ assessor, activity, ...rest }: AskedRisk): T | null =>
    assessor.model && activity
      ? work({ assessor, ...rest, model: assessor.model, activity })
      : null;

const explain = worked(
  ({ model, activity, at }): RiskExplanation => explainScore(model, activity, at),
);

const stateOf = ({ assessor, activity }: AskedRisk): keyof typeof states => {
  if (assessor.missing !== null) return 'INSUFFICIENT_DATA';
  return activity ? 'ASSESSED' : 'NO_ACTIVITY';
};

const CustomerRiskType = builder.objectRef<AskedRisk>('CustomerRisk').implement({
  description:
    'The danger of losing a customer, at this instant, and why. The score moves with every activity and, through silence, with time.',
  fields: (t) => ({
    state: t.field({ type: RiskState, resolve: stateOf }),
    missing: t.string({
      nullable: true,
      description: 'What it takes to assess the risk, where that cannot be done yet.',
      resolve: ({ assessor }) => assessor.missing,
    }),
    score: t.float({
      nullable: true,
      description:
        'P(no activity within the next `horizonDays`), calibrated on what became of such customers here. It is not one minus P(alive).',
      resolve: (asked) => explain(asked)?.score ?? null,
    }),
    isFromPrior: t.boolean({
      description: 'The score rests on what is usual elsewhere, not on this workspace.',
      resolve: ({ assessor, activity }) => assessor.missing !== null && activity !== undefined,
    }),
    horizonDays: t.int({
      nullable: true,
      resolve: ({ assessor }) => assessor.model?.horizonDays ?? null,
    }),
    logOdds: t.float({
      nullable: true,
      description: 'ln(score / (1 - score)): what the contributions of the reasons add up to.',
      resolve: (asked) => explain(asked)?.logOdds ?? null,
    }),
    reasons: t.field({
      type: [RiskReason],
      description: 'What the score is made of, the strongest first.',
      resolve: (asked) => explain(asked)?.reasons ?? [],
    }),
    band: t.field({
      type: RiskBandType,
      nullable: true,
      description: 'As it is kept; null as long as the customer was not assessed.',
      resolve: ({ stored }) => (stored ? (stored.band as RiskBand) : null),
    }),
    since: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When it came into the band.',
      resolve: ({ stored }) => stored?.since ?? null,
    }),
    flagged: t.boolean({
      description:
        'High, and risen by silence since the last activity: worth a word with the customer.',
      resolve: ({ stored }) => stored?.flaggedSince != null,
    }),
    flaggedSince: t.field({
      type: 'DateTime',
      nullable: true,
      resolve: ({ stored }) => stored?.flaggedSince ?? null,
    }),
    pAlive: t.float({
      nullable: true,
      description:
        'P(will ever be active again). Nobody can see it, so it cannot be held against what happens, as the score can.',
      resolve: worked(({ model, activity, at }) => pAliveAt(model, activity, at)),
    }),
    expectedOrders: t.float({
      nullable: true,
      description: 'Days with activity expected within so many days.',
      args: {
        days: t.arg.int({ description: 'The horizon of the model when absent; at most 730.' }),
      },
      resolve: (asked, { days }) =>
        worked(({ model, activity, at }) =>
          mbgNbd.expectedPurchases(
            model.parameters,
            historyAt(activity, at),
            demandDays(days ?? model.horizonDays),
          ),
        )(asked),
    }),
    nextChangeAt: t.field({
      type: 'DateTime',
      nullable: true,
      description:
        'When silence alone will next bring the customer into another band or flag it; null for never, and where no model is in force.',
      resolve: (asked) => {
        if (asked.assessor.missing !== null || !asked.stored) return null;
        const isFlagged = asked.stored.flaggedSince !== null;
        const next = worked(({ model, activity, at }) =>
          nextChange(model, activity, { at, isFlagged }),
        )(asked);
        return next !== null && Number.isFinite(next) ? new Date(next) : null;
      },
    }),
    modelVersion: t.int({
      nullable: true,
      description: 'Of the model in force.',
      resolve: ({ assessor }) => assessor.version,
    }),
    asOf: t.field({ type: 'DateTime', resolve: ({ at }) => new Date(at) }),
  }),
});

export function demandDays(days: number): number {
  if (days >= 1 && days <= mostHorizonDays) return days;
  throw new InvalidInput(`A span is from 1 to ${mostHorizonDays} days.`);
}

builder.prismaObjectField(Customer, 'risk', (t) =>
  t.field({
    type: CustomerRiskType,
    description: 'The danger of losing it. A merged customer has none by itself: its survivor has.',
    resolve: async (row, _args, ctx) => {
      const assessor = await loadAssessor(ctx);
      const activity = row.mergedInto === null ? activityOf(row, assessor.activity) : undefined;
      const stored = await loadStored(ctx, row.id, undefined);
      return { assessor, activity, stored, at: ctx.now().getTime() };
    },
  }),
);
