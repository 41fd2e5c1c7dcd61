import { toLogOdds } from '../models/numerics/log-odds.ts';
import { type Baseline, baselineHazard, baselineOf, type PlanBaseline } from './baseline.ts';
import type { HazardModel } from './hazard-model.ts';
import type { Facts } from './reason-sentences.ts';
import { type ExplainedRisk, explainRisk, noteFacts } from './reasons.ts';
import type { RenewalMeasure } from './renewal-measures.ts';
import { type StatusAt, statusAt } from './subscription-status.ts';

/** Where a score comes from: the hazard of the customer, or the baseline of those who renewed as often. */
export type RiskSource = 'HAZARD' | PlanBaseline['source'];

/** The status, and of who can still renew, the score. */
export interface SubscriptionRisk extends StatusAt {
  /** Null where there is no subscription, and where it is lost: a fact needs no probability. */
  risk: (ExplainedRisk & { source: RiskSource }) | null;
}

/**
 * The risk of one customer at an instant. Without a hazard model, which takes its time to become possible, the
 * baseline says what is usual of the plan and tenure, and no reasons.
 * @throws InvalidSubscription, InvalidArgument for an instant or usage that is none
 */
export function assessSubscription(
  { hazard, baseline }: { hazard: HazardModel<RenewalMeasure> | null; baseline: Baseline },
  facts: Facts,
): SubscriptionRisk {
  const { state, at } = facts;
  const status = statusAt(state, at);
  if (status.status !== 'ACTIVE' && status.status !== 'IN_GRACE') return { ...status, risk: null };
  if (hazard) return { ...status, risk: { ...explainRisk(hazard, facts), source: 'HAZARD' } };
  const ofPlan = baselineOf(baseline, state.plan);
  const score = baselineHazard(ofPlan, state.renewals);
  const logOdds = toLogOdds(score);
  const notes = noteFacts(facts);
  const { source } = ofPlan;
  return { ...status, risk: { score, logOdds, base: logOdds, reasons: [], notes, source } };
}
