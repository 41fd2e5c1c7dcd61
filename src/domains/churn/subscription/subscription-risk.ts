import { toLogOdds, toProbability } from '../../../statistics/models/numerics/log-odds.ts';
import { type Baseline, baselineHazard, type PlanBaseline, selectBaseline } from './baseline.ts';
import { type HazardModel, predictLogOdds } from './hazard-model.ts';
import { type Lateness, latenessLogOdds } from './lateness.ts';
import type { SubscriptionFacts } from './reason-sentences.ts';
import { collectNotes, type ExplainedRisk, explainRisk } from './reasons.ts';
import { measureRenewal, type RenewalMeasure } from './renewal-measures.ts';
import type { SubscriptionState } from './subscription-history.ts';
import { type StatusAt, statusAt } from './subscription-status.ts';
import type { Usage } from './usage.ts';

/** The model that predicts the renewals of a workspace: plain numbers and strings, to be stored as JSON. */
export interface RenewalModel {
  /** Null with too few decided renewals: then the baseline of the plan is used. */
  readonly hazard: HazardModel<RenewalMeasure> | null;
  readonly baseline: Baseline;
  readonly lateness: Lateness;
}

/** The source of a score: the hazard of the customer, or the baseline of subscribers with as many renewals. */
export type RiskSource = 'HAZARD' | PlanBaseline['source'];

/** The status of a subscription and, if it can still be renewed, its risk. */
export interface SubscriptionRisk extends StatusAt {
  /** Null without a subscription, and for a lost one, whose outcome is known. */
  risk: (ExplainedRisk & { source: RiskSource }) | null;
}

/**
 * Assesses the risk of one customer at an instant. Without a hazard model, the baseline gives the score of the
 * plan and tenure, and a late renewal is the only reason.
 * @throws InvalidSubscription, InvalidArgument for an invalid instant or usage
 */
export function assessSubscription(
  model: RenewalModel,
  facts: SubscriptionFacts,
): SubscriptionRisk {
  const { state, at } = facts;
  const status = statusAt(state, at);
  if (status.status !== 'ACTIVE' && status.status !== 'IN_GRACE') return { ...status, risk: null };
  const withoutLateness = explainInTime(model, facts);
  return {
    ...status,
    risk: { ...withoutLateness, ...addLatenessReason(model, withoutLateness, facts) },
  };
}

function explainInTime({ hazard, baseline }: RenewalModel, facts: SubscriptionFacts) {
  if (hazard) return { ...explainRisk(hazard, facts), source: 'HAZARD' as const };
  const { plan, renewals } = facts.state;
  const ofPlan = selectBaseline(baseline, plan);
  const score = baselineHazard(ofPlan, renewals);
  const logOdds = toLogOdds(score);
  const { source } = ofPlan;
  return { score, logOdds, base: logOdds, reasons: [], notes: collectNotes(facts), source };
}

/** Turns the note of an overdue renewal into a reason once lateness contributes to the score. */
function addLatenessReason(
  { lateness }: RenewalModel,
  { logOdds: withoutLateness, reasons, notes }: ExplainedRisk,
  { state, at }: SubscriptionFacts,
): Partial<ExplainedRisk> {
  const contribution = latenessLogOdds(lateness, state, at);
  if (contribution === 0) return {};
  const logOdds = withoutLateness + contribution;
  const overdue = notes.filter(({ code }) => code === 'RENEWAL_OVERDUE');
  return {
    score: toProbability(logOdds),
    logOdds,
    reasons: [...reasons, ...overdue.map((note) => ({ ...note, contribution }))].sort(
      (left, right) => Math.abs(right.contribution) - Math.abs(left.contribution),
    ),
    notes: notes.filter((note) => !overdue.includes(note)),
  };
}

/** The log-odds of the score of a subscription that can still be renewed. */
export function renewalLogOdds(
  { hazard, baseline, lateness }: RenewalModel,
  { state, usage, at }: { state: SubscriptionState; usage: Usage; at: number },
): number {
  const { plan, renewals } = state;
  const withoutLateness = hazard
    ? predictLogOdds(hazard, { plan, measures: measureRenewal(state, usage) })
    : toLogOdds(baselineHazard(selectBaseline(baseline, plan), renewals));
  return withoutLateness + latenessLogOdds(lateness, state, at);
}
