import type { CustomerRisk, Customer as CustomerRow } from '../../prisma/generated/client.ts';
import { maxHorizonDays } from '../../src/domains/churn/churn-backtest.ts';
import { type Activity, historyAt } from '../../src/domains/churn/risk/activity.ts';
import { nextRiskChange } from '../../src/domains/churn/risk/next-change.ts';
import { purchaseTrajectory } from '../../src/domains/churn/risk/purchase-trajectory.ts';
import type { RiskExplanation } from '../../src/domains/churn/risk/reasons.ts';
import type { ChurnActivity, RiskBand } from '../../src/domains/churn/risk/risk-model.ts';
import type { RiskTrajectory } from '../../src/domains/churn/risk/trajectory.ts';
import { renewalTrajectory } from '../../src/domains/churn/risk/renewal-trajectory.ts';
import { InvalidInput } from '../../src/platform/errors.ts';
import { mbgNbd } from '../../src/statistics/models/mbg-nbd.ts';
import { Customer } from '../customers/customer.ts';
import { builder } from '../kernel/builder.ts';
import type { RequestContext } from '../kernel/context.ts';
import { createBatch } from '../kernel/per-operation.ts';
import { type Assessor, loadAssessor } from './assessor.ts';
import { ChurnModeType } from './churn-model.ts';
import { RiskBandType, RiskReason } from './risk-parts.ts';
import { loadHistory } from './subscription-risk.ts';

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
  /** Undefined of whoever did nothing that the model is about. */
  course: RiskTrajectory | undefined;
  /** Of a model of purchases. */
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

const isGuess = ({ model, missing }: Assessor) =>
  missing !== null ||
  (model?.mode === 'SUBSCRIPTION' && !model.hazard && model.baseline.pooled.source === 'PRIOR');

const explain = ({ course, at }: AskedRisk): RiskExplanation | undefined => course?.explainAt(at);

const stateOf = ({ assessor, course }: AskedRisk): keyof typeof states => {
  if (assessor.missing !== null) return 'INSUFFICIENT_DATA';
  return course ? 'ASSESSED' : 'NO_ACTIVITY';
};

/** Days with activity expected within a span; null where the model is not about them. */
function expectedOrders({ assessor: { model }, activity, at }: AskedRisk, days?: number | null) {
  if (model?.mode !== 'ACTIVITY' || !activity) return null;
  const { parameters, horizonDays } = model;
  const span = requireDays(days ?? horizonDays);
  return mbgNbd.expectedPurchases(parameters, historyAt(activity, at), span);
}

function nextChangeOf({ assessor, course, stored, at }: AskedRisk): Date | null {
  if (assessor.missing !== null || !assessor.model || !stored || !course) return null;
  const held = { band: stored.band as RiskBand, isFlagged: stored.flaggedSince !== null };
  const next = nextRiskChange(assessor.model, course, { at, ...held });
  return Number.isFinite(next) ? new Date(next) : null;
}

const CustomerRiskType = builder.objectRef<AskedRisk>('CustomerRisk').implement({
  description:
    'The danger of losing a customer, at this instant, and why. The score moves with every activity and, through silence, with time.',
  fields: (t) => ({
    state: t.field({ type: RiskState, resolve: stateOf }),
    mode: t.field({
      type: ChurnModeType,
      description: 'What the score is about.',
      resolve: ({ assessor }) => assessor.model?.mode ?? 'ACTIVITY',
    }),
    missing: t.string({
      nullable: true,
      description: 'What it takes to assess the risk, where that cannot be done yet.',
      resolve: ({ assessor }) => assessor.missing,
    }),
    score: t.float({
      nullable: true,
      description:
        'P(no activity within the next `horizonDays`) or, of subscribers, P(the next renewal does not come): 1 of a subscription that is lost. Calibrated on what became of such customers here. It is not one minus P(alive).',
      resolve: (asked) => explain(asked)?.score ?? null,
    }),
    isFromPrior: t.boolean({
      description: 'The score rests on what is usual elsewhere, not on this workspace.',
      resolve: ({ assessor, course }) => course !== undefined && isGuess(assessor),
    }),
    horizonDays: t.int({
      nullable: true,
      description: 'Null of subscribers.',
      resolve: ({ assessor: { model } }) => (model?.mode === 'ACTIVITY' ? model.horizonDays : null),
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
        'P(will ever be active again). Nobody can see it, so it cannot be held against what happens, as the score can. Of subscribers it is known: 1 until the subscription is lost, then 0.',
      resolve: ({ course, at }) => course?.aliveAt(at) ?? null,
    }),
    expectedOrders: t.float({
      nullable: true,
      description: 'Days with activity expected within so many days; null of subscribers.',
      args: {
        days: t.arg.int({ description: 'The horizon of the model when absent; at most 730.' }),
      },
      resolve: (asked, { days }) => expectedOrders(asked, days),
    }),
    nextChangeAt: t.field({
      type: 'DateTime',
      nullable: true,
      description:
        'When time alone will next bring the customer into another band, flag it or clear it; null for never, and where no model is in force.',
      resolve: nextChangeOf,
    }),
    modelVersion: t.int({
      nullable: true,
      description: 'Of the model in force.',
      resolve: ({ assessor }) => assessor.version,
    }),
    asOf: t.field({ type: 'DateTime', resolve: ({ at }) => new Date(at) }),
  }),
});

/** How the risk of a customer goes, by the model in force or a guess. */
export async function courseOfRow(
  ctx: RequestContext,
  row: CustomerRow,
): Promise<Pick<AskedRisk, 'course' | 'activity'>> {
  const { model, activity: kind } = await loadAssessor(ctx);
  if (model?.mode === 'SUBSCRIPTION') {
    const history = await loadHistory(ctx, row.id, undefined);
    return { course: history && renewalTrajectory(model, history), activity: undefined };
  }
  const activity = activityOf(row, kind);
  return { course: model && activity ? purchaseTrajectory(model, activity) : undefined, activity };
}

export function requireDays(days: number): number {
  if (days >= 1 && days <= maxHorizonDays) return days;
  throw new InvalidInput(`A span is from 1 to ${maxHorizonDays} days.`);
}

builder.prismaObjectField(Customer, 'risk', (t) =>
  t.field({
    type: CustomerRiskType,
    description: 'The danger of losing it. A merged customer has none by itself: its survivor has.',
    resolve: async (row, _args, ctx) => {
      const assessor = await loadAssessor(ctx);
      const stored = await loadStored(ctx, row.id, undefined);
      const at = ctx.now().getTime();
      const known =
        row.mergedInto === null
          ? await courseOfRow(ctx, row)
          : { activity: undefined, course: undefined };
      return { assessor, stored, at, ...known };
    },
  }),
);
