import type { CustomerRisk, Customer as CustomerRow } from '../../prisma/generated/client.ts';
import { maxHorizonDays } from '../../src/domains/churn/churn-backtest.ts';
import { type Activity, historyAt } from '../../src/domains/churn/risk/activity.ts';
import { nextRiskChange } from '../../src/domains/churn/risk/next-change.ts';
import { purchaseTrajectory } from '../../src/domains/churn/risk/purchase-trajectory.ts';
import type { RiskExplanation } from '../../src/domains/churn/risk/reasons.ts';
import { renewalTrajectory } from '../../src/domains/churn/risk/renewal-trajectory.ts';
import type { ChurnActivity, RiskBand } from '../../src/domains/churn/risk/risk-model.ts';
import type { RiskTrajectory } from '../../src/domains/churn/risk/trajectory.ts';
import { InvalidInput } from '../../src/platform/errors.ts';
import { mbgNbd } from '../../src/statistics/models/mbg-nbd.ts';
import { Customer } from '../customers/customer.ts';
import { builder } from '../kernel/builder.ts';
import type { RequestContext } from '../kernel/context.ts';
import { createBatch } from '../kernel/per-operation.ts';
import { type Assessor, loadAssessor } from './assessor.ts';
import { ChurnModeType } from './churn-settings.ts';
import { RiskBandType, RiskReason } from './risk-parts.ts';
import { loadHistory } from './subscription-risk.ts';

const states = {
  ASSESSED: { description: 'Assessed by the active model.' },
  INSUFFICIENT_DATA: {
    description: 'No model is active; see `missing`. A score is a rough estimate.',
  },
  NO_ACTIVITY: { description: 'The customer has no activity.' },
} as const;

const RiskState = builder.enumType('RiskState', {
  description: 'Whether the churn risk of a customer is known.',
  values: states,
});

/** The data of a customer's risk at one time. */
interface RiskAt {
  assessor: Assessor;
  /** Undefined for a customer without activity. */
  trajectory: RiskTrajectory | undefined;
  /** For a model of purchases. */
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

/** The activity that counts; undefined without any. */
export function activityOf(row: CustomerRow, kind: ChurnActivity): Activity | undefined {
  const value = {
    valuedDays: row.ownOrderDays,
    repeatValue: Number(row.grossRevenue - row.firstDayValue),
  };
  if (kind === 'ANY_ACTIVITY') {
    const [first, last] = [row.firstSeenAt.getTime(), row.lastSeenAt.getTime()];
    return row.activeDays > 0 ? { x: row.activeDays - 1, first, last, ...value } : undefined;
  }
  if (!row.firstOrderAt || !row.lastOrderAt || row.orderDays === 0) return undefined;
  const [first, last] = [row.firstOrderAt.getTime(), row.lastOrderAt.getTime()];
  return { x: row.orderDays - 1, first, last, ...value };
}

const isFromPrior = ({ model, missing }: Assessor) =>
  missing !== null ||
  (model?.mode === 'SUBSCRIPTION' && !model.hazard && model.baseline.pooled.source === 'PRIOR');

const explain = ({ trajectory, at }: RiskAt): RiskExplanation | undefined =>
  trajectory?.explainAt(at);

const stateOf = ({ assessor, trajectory }: RiskAt): keyof typeof states => {
  if (assessor.missing !== null) return 'INSUFFICIENT_DATA';
  return trajectory ? 'ASSESSED' : 'NO_ACTIVITY';
};

/** The expected number of days with activity; null for subscription models. */
function expectedOrders({ assessor: { model }, activity, at }: RiskAt, days?: number | null) {
  if (model?.mode !== 'ACTIVITY' || !activity) return null;
  const { parameters, horizonDays } = model;
  const span = requireDays(days ?? horizonDays);
  return mbgNbd.expectedPurchases(parameters, historyAt(activity, at), span);
}

function nextChangeOf({ assessor, trajectory, stored, at }: RiskAt): Date | null {
  if (assessor.missing !== null || !assessor.model || !stored || !trajectory) return null;
  const held = { band: stored.band as RiskBand, isFlagged: stored.flaggedSince !== null };
  const next = nextRiskChange(assessor.model, trajectory, { at, ...held });
  return Number.isFinite(next) ? new Date(next) : null;
}

const CustomerRiskType = builder.objectRef<RiskAt>('CustomerRisk').implement({
  description:
    'The present churn risk of a customer with its reasons. The score changes with every activity and with time.',
  fields: (t) => ({
    state: t.field({ type: RiskState, resolve: stateOf }),
    mode: t.field({
      type: ChurnModeType,
      description: 'The kind of churn that is assessed.',
      resolve: ({ assessor }) => assessor.model?.mode ?? 'ACTIVITY',
    }),
    missing: t.string({
      nullable: true,
      description: 'What to do if the risk cannot be assessed yet.',
      resolve: ({ assessor }) => assessor.missing,
    }),
    score: t.float({
      nullable: true,
      description:
        'P(no activity within the next `horizonDays`) or, for subscribers, P(no next renewal): 1 if the subscription has ended. Calibrated on past outcomes in the workspace. Not the same as 1 - `pAlive`.',
      resolve: (risk) => explain(risk)?.score,
    }),
    isFromPrior: t.boolean({
      description: 'True if the score is based on prior parameters, not on data of the workspace.',
      resolve: ({ assessor, trajectory }) => trajectory !== undefined && isFromPrior(assessor),
    }),
    horizonDays: t.int({
      nullable: true,
      description: 'Null for subscribers.',
      resolve: ({ assessor: { model } }) => (model?.mode === 'ACTIVITY' ? model.horizonDays : null),
    }),
    logOdds: t.float({
      nullable: true,
      description: 'ln(score / (1 - score)). The contributions of the reasons add up to it.',
      resolve: (risk) => explain(risk)?.logOdds,
    }),
    reasons: t.field({
      type: [RiskReason],
      description: 'The reasons for the score, strongest first.',
      resolve: (risk) => explain(risk)?.reasons ?? [],
    }),
    band: t.field({
      type: RiskBandType,
      nullable: true,
      description: 'The stored band. Null if the customer was not assessed.',
      resolve: ({ stored }) => (stored ? (stored.band as RiskBand) : null),
    }),
    since: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When the customer entered the band.',
      resolve: ({ stored }) => stored?.since,
    }),
    flagged: t.boolean({
      description: 'True if the score is high and has risen through inactivity.',
      resolve: ({ stored }) => stored?.flaggedSince != null,
    }),
    flaggedSince: t.field({
      type: 'DateTime',
      nullable: true,
      resolve: ({ stored }) => stored?.flaggedSince,
    }),
    pAlive: t.float({
      nullable: true,
      description:
        'P(will ever be active again). Unlike the score, it cannot be verified by observation. For subscribers, 1 until the subscription has ended, then 0.',
      resolve: ({ trajectory, at }) => trajectory?.aliveAt(at),
    }),
    expectedOrders: t.float({
      nullable: true,
      description: 'The expected number of days with activity. Null for subscribers.',
      args: {
        days: t.arg.int({ description: '1 to 730. Default: the horizon of the model.' }),
      },
      resolve: (risk, { days }) => expectedOrders(risk, days),
    }),
    nextChangeAt: t.field({
      type: 'DateTime',
      nullable: true,
      description:
        'When the passing of time will next change the band or the flag. Null if never, and without an active model.',
      resolve: nextChangeOf,
    }),
    modelVersion: t.int({
      nullable: true,
      description: 'The version of the active model.',
      resolve: ({ assessor }) => assessor.version,
    }),
    asOf: t.field({ type: 'DateTime', resolve: ({ at }) => new Date(at) }),
  }),
});

/** The risk trajectory of a customer, by the active model or an estimate. */
export async function trajectoryOfCustomer(
  ctx: RequestContext,
  row: CustomerRow,
): Promise<Pick<RiskAt, 'trajectory' | 'activity'>> {
  const { model, activity: kind } = await loadAssessor(ctx);
  if (model?.mode === 'SUBSCRIPTION') {
    const history = await loadHistory(ctx, row.id);
    return { trajectory: history && renewalTrajectory(model, history), activity: undefined };
  }
  const activity = activityOf(row, kind);
  return {
    trajectory: model && activity ? purchaseTrajectory(model, activity) : undefined,
    activity,
  };
}

export function requireDays(days: number): number {
  if (days >= 1 && days <= maxHorizonDays) return days;
  throw new InvalidInput(
    `The number of days is ${days}. It must be between 1 and ${maxHorizonDays}.`,
  );
}

builder.prismaObjectField(Customer, 'risk', (t) =>
  t.field({
    type: CustomerRiskType,
    description: "The customer's churn risk. A merged customer is not assessed; see `mergedInto`.",
    resolve: async (row, _args, ctx) => {
      const assessor = await loadAssessor(ctx);
      const stored = await loadStored(ctx, row.id);
      const at = ctx.now().getTime();
      const known =
        row.mergedInto === null
          ? await trajectoryOfCustomer(ctx, row)
          : { activity: undefined, trajectory: undefined };
      return { assessor, stored, at, ...known };
    },
  }),
);
