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

/** What the renewals of a workspace are foretold by: plain numbers and strings, to be stored as JSON. */
export interface RenewalModel {
  /** Null as long as there are too few decided renewals: the baseline of the plan has to do. */
  readonly hazard: HazardModel<RenewalMeasure> | null;
  readonly baseline: Baseline;
  readonly lateness: Lateness;
}

/** Where a score comes from: the hazard of the customer, or the baseline of those who renewed as often. */
export type RiskSource = 'HAZARD' | PlanBaseline['source'];

/** The status, and of who can still renew, the score. */
export interface SubscriptionRisk extends StatusAt {
  /** Null where there is no subscription, and where it is lost: a fact needs no probability. */
  risk: (ExplainedRisk & { source: RiskSource }) | null;
}

/**
 * The risk of one customer at an instant. Without a hazard model, which takes its time to become possible, the
 * baseline says what is usual of the plan and tenure, and no reasons but that the renewal is late.
 * @throws InvalidSubscription, InvalidArgument for an instant or usage that is none
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

/** A note that says the renewal has not come is a reason from the day on at which few still come. */
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

/** The log-odds of the score alone, of who can still renew. */
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
