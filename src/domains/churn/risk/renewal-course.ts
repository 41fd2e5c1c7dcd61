import { toProbability } from '../../../statistics/models/numerics/log-odds.ts';
import { scoreLogOdds } from '../../../statistics/models/platt-scaling.ts';
import { lateInstants } from '../subscription/lateness.ts';
import { tellAverage, tellLoss } from '../subscription/reason-sentences.ts';
import { isTermsEvent, type SubscriptionEvent } from '../subscription/subscription-event.ts';
import {
  foldSubscription,
  renewalGrace,
  type SubscriptionState,
} from '../subscription/subscription-history.ts';
import { assessSubscription, renewalLogOdds } from '../subscription/subscription-risk.ts';
import { type ActivityCount, countUsage, usageLooks } from '../subscription/usage.ts';
import type { Course } from './course.ts';
import type { RiskExplanation } from './reasons.ts';
import { paymentsOf, renewalValue } from './renewal-value.ts';
import type { RiskModel } from './risk-model.ts';

/** What is known of one customer's subscription. */
export interface RenewalHistory {
  events: readonly SubscriptionEvent[];
  activity: readonly ActivityCount[];
}

type Model = Extract<RiskModel, { mode: 'SUBSCRIPTION' }>;

interface Known {
  model: Model;
  state: SubscriptionState;
  activity: readonly ActivityCount[];
}

/** The score of a subscription that is lost: a fact. */
const lost = 1;

/**
 * Of a subscriber: the score stands still between the instants at which its use is looked at, rises day by day
 * while a renewal is late, and is 1 once it is lost.
 */
export function renewalCourse(
  model: Model,
  { events, activity }: RenewalHistory,
): Course | undefined {
  const began = events.filter(isTermsEvent).reduce((last, { at }) => Math.max(last, at), -Infinity);
  if (began === -Infinity) return undefined;
  const { timeZone } = model;
  const state = foldSubscription(events, timeZone);
  const known: Known = { model, state, activity };
  const steps = stepsOf(known, began);
  const payments = paymentsOf(state, model.currency);
  const scoreAt = (at: number) => steps.findLast(([from]) => from <= at)?.[1] ?? steps[0]?.[1] ?? 0;
  const crosses = (threshold: number, at: number) => {
    const isAbove = scoreAt(at) >= threshold;
    const next = steps.find(([from, score]) => from > at && score >= threshold !== isAbove);
    return next?.[0] ?? Number.POSITIVE_INFINITY;
  };
  return {
    since: began,
    repeats: state.renewals,
    steps,
    payments,
    scoreAt,
    crosses,
    get scoreAtStart() {
      const atStart = foldSubscription(
        events.filter(({ at }) => at <= began),
        timeZone,
      );
      return scoreOf({ ...known, state: atStart }, began);
    },
    aliveAt: (at) => Number(scoreAt(at) < lost),
    aliveCrosses: (threshold, at) =>
      threshold > 0 && threshold <= 1 ? crosses(lost, at) : Number.POSITIVE_INFINITY,
    explainAt: (at) => explain(known, at),
    valueAt: (at, terms) =>
      payments && renewalValue({ payments, score: scoreAt(at), at }, model.baseline, terms),
  };
}

/** The instants from `began` on at which time alone may change the score, with the score from then on. */
function stepsOf(known: Known, began: number): Array<readonly [number, number]> {
  const { state } = known;
  const { periodEnd, cancelledAt } = state;
  const end =
    periodEnd === null ? [] : [periodEnd, ...lateInstants(state), periodEnd + renewalGrace];
  const looks = usageLooks(state).filter((look) => look > began);
  const instants = cancelledAt === null ? [...looks, ...end] : [cancelledAt];
  const steps: Array<readonly [number, number]> = [[began, scoreOf(known, began)]];
  for (const at of instants.filter((one) => one > began).sort((a, b) => a - b)) {
    const score = scoreOf(known, at);
    if (score !== steps.at(-1)?.[1]) steps.push([at, score]);
  }
  return steps;
}

function scoreOf({ model, state, activity }: Known, at: number): number {
  const { periodEnd, cancelledAt } = state;
  if (cancelledAt !== null || periodEnd === null || at >= periodEnd + renewalGrace) return lost;
  const usage = countUsage(state, activity, Math.min(at, periodEnd));
  return toProbability(renewalLogOdds(model, { state, usage, at }));
}

function explain({ model, state, activity }: Known, at: number): RiskExplanation {
  const usage = countUsage(state, activity, Math.min(at, state.periodEnd ?? at));
  const facts = { state, usage, at, timeZone: model.timeZone };
  const { risk } = assessSubscription(model, facts);
  if (!risk) {
    const logOdds = scoreLogOdds(lost);
    return { score: lost, logOdds, reasons: [{ ...tellLoss(facts), contribution: logOdds }] };
  }
  const { score, logOdds, base, reasons, notes } = risk;
  const average = { ...tellAverage(base), contribution: base };
  const all = [...reasons, average].sort(
    (left, right) => Math.abs(right.contribution) - Math.abs(left.contribution),
  );
  return { score, logOdds, reasons: [...all, ...notes] };
}
