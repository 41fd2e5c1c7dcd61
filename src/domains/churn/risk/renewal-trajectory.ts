import { toProbability } from '../../../statistics/models/numerics/log-odds.ts';
import { scoreLogOdds } from '../../../statistics/models/platt-scaling.ts';
import { latenessCheckpoints } from '../subscription/lateness.ts';
import { describeAverage, describeLoss } from '../subscription/reason-sentences.ts';
import { isTermsEvent, type SubscriptionEvent } from '../subscription/subscription-event.ts';
import {
  foldSubscription,
  renewalGrace,
  type SubscriptionState,
} from '../subscription/subscription-history.ts';
import { assessSubscription, renewalLogOdds } from '../subscription/subscription-risk.ts';
import { type ActivityCount, countUsage, usageCheckpoints } from '../subscription/usage.ts';
import type { RiskExplanation } from './reasons.ts';
import { renewalValue, toPayments } from './renewal-value.ts';
import type { RiskModel } from './risk-model.ts';
import type { RiskTrajectory } from './trajectory.ts';

/** The subscription events and the activity of one customer. */
export interface RenewalHistory {
  events: readonly SubscriptionEvent[];
  activity: readonly ActivityCount[];
}

type Model = Extract<RiskModel, { mode: 'SUBSCRIPTION' }>;

interface KnownSubscription {
  model: Model;
  state: SubscriptionState;
  activity: readonly ActivityCount[];
}

/** The score of a lost subscription. */
const lost = 1;

/**
 * The trajectory of a subscriber: the score is constant between the checkpoints of usage, rises daily while a
 * renewal is late, and is 1 once the subscription is lost.
 */
export function renewalTrajectory(
  model: Model,
  { events, activity }: RenewalHistory,
): RiskTrajectory | undefined {
  const startedAt = events
    .filter(isTermsEvent)
    .reduce((last, { at }) => Math.max(last, at), -Infinity);
  if (startedAt === -Infinity) return undefined;
  const { timeZone } = model;
  const state = foldSubscription(events, timeZone);
  const known: KnownSubscription = { model, state, activity };
  const steps = stepsOf(known, startedAt);
  const payments = toPayments(state, model.currency);
  const scoreAt = (at: number) => steps.findLast(([from]) => from <= at)?.[1] ?? steps[0]?.[1] ?? 0;
  const crosses = (threshold: number, at: number) => {
    const isAbove = scoreAt(at) >= threshold;
    const next = steps.find(([from, score]) => from > at && score >= threshold !== isAbove);
    return next?.[0] ?? Number.POSITIVE_INFINITY;
  };
  return {
    since: startedAt,
    repeats: state.renewals,
    steps,
    payments,
    scoreAt,
    crosses,
    get scoreAtStart() {
      const atStart = foldSubscription(
        events.filter(({ at }) => at <= startedAt),
        timeZone,
      );
      return scoreOf({ ...known, state: atStart }, startedAt);
    },
    aliveAt: (at) => Number(scoreAt(at) < lost),
    aliveCrosses: (threshold, at) =>
      threshold > 0 && threshold <= 1 ? crosses(lost, at) : Number.POSITIVE_INFINITY,
    explainAt: (at) => explain(known, at),
    valueAt: (at, terms) =>
      payments && renewalValue({ payments, score: scoreAt(at), at }, model.baseline, terms),
  };
}

/** The instants from `startedAt` on at which time alone changes the score, with the score after each. */
function stepsOf(known: KnownSubscription, startedAt: number): Array<readonly [number, number]> {
  const { state } = known;
  const { periodEnd, cancelledAt } = state;
  const end =
    periodEnd === null ? [] : [periodEnd, ...latenessCheckpoints(state), periodEnd + renewalGrace];
  const looks = usageCheckpoints(state).filter((look) => look > startedAt);
  const instants = cancelledAt === null ? [...looks, ...end] : [cancelledAt];
  const steps: Array<readonly [number, number]> = [[startedAt, scoreOf(known, startedAt)]];
  for (const at of instants.filter((one) => one > startedAt).sort((a, b) => a - b)) {
    const score = scoreOf(known, at);
    if (score !== steps.at(-1)?.[1]) steps.push([at, score]);
  }
  return steps;
}

function scoreOf({ model, state, activity }: KnownSubscription, at: number): number {
  const { periodEnd, cancelledAt } = state;
  if (cancelledAt !== null || periodEnd === null || at >= periodEnd + renewalGrace) return lost;
  const usage = countUsage(state, activity, Math.min(at, periodEnd));
  return toProbability(renewalLogOdds(model, { state, usage, at }));
}

function explain({ model, state, activity }: KnownSubscription, at: number): RiskExplanation {
  const usage = countUsage(state, activity, Math.min(at, state.periodEnd ?? at));
  const facts = { state, usage, at, timeZone: model.timeZone };
  const { risk } = assessSubscription(model, facts);
  if (!risk) {
    const logOdds = scoreLogOdds(lost);
    return { score: lost, logOdds, reasons: [{ ...describeLoss(facts), contribution: logOdds }] };
  }
  const { score, logOdds, base, reasons, notes } = risk;
  const average = { ...describeAverage(base), contribution: base };
  const all = [...reasons, average].sort(
    (left, right) => Math.abs(right.contribution) - Math.abs(left.contribution),
  );
  return { score, logOdds, reasons: [...all, ...notes] };
}
