import { type ReportedEvent, toSubscriptionEvents } from '../subscription/reported-events.ts';
import type { ActivityCount } from '../subscription/usage.ts';
import { purchaseTrajectory } from './purchase-trajectory.ts';
import { renewalTrajectory } from './renewal-trajectory.ts';
import type { RiskModel } from './risk-model.ts';
import type { RiskTrajectory } from './trajectory.ts';

/** The numbers of an `Activity`, in the order of its fields. */
type Purchases = readonly number[];

/** The reported events of a customer's subscription, and its activity by day. */
interface ReportedSubscription {
  events: readonly ReportedEvent[];
  activity: readonly ActivityCount[];
}

/** The data of a customer from which risk is assessed, by the mode of the model. */
export type RiskHistory = Purchases | ReportedSubscription;

/** The customer's risk trajectory; undefined without activity of the kind that the model assesses. */
export function riskTrajectory(
  model: RiskModel,
  history: RiskHistory | null | undefined,
): RiskTrajectory | undefined {
  if (!history) return undefined;
  if ('events' in history) {
    return model.mode === 'SUBSCRIPTION' ? cachedRenewalTrajectory(model, history) : undefined;
  }
  return model.mode === 'ACTIVITY' ? purchaseTrajectory(model, toActivity(history)) : undefined;
}

/** A cache: every risk rule evaluates the same history. */
const renewalTrajectories = new WeakMap<
  ReportedSubscription,
  [RiskModel, RiskTrajectory | undefined]
>();

function cachedRenewalTrajectory(
  model: Parameters<typeof renewalTrajectory>[0],
  history: ReportedSubscription,
) {
  const [cachedModel, cached] = renewalTrajectories.get(history) ?? [];
  if (cachedModel === model) return cached;
  const { events, activity } = history;
  const trajectory = renewalTrajectory(model, {
    events: events.flatMap(toSubscriptionEvents),
    activity,
  });
  renewalTrajectories.set(history, [model, trajectory]);
  return trajectory;
}

function toActivity([x = 0, first = 0, last = 0, valuedDays = 0, repeatValue = 0]: Purchases) {
  return { x, first, last, valuedDays, repeatValue };
}
