import { explainHazard, type HazardModel } from './hazard-model.ts';
import {
  describePayment,
  describePlan,
  describeRenewal,
  describeSatisfaction,
  describeTenure,
  describeUsage,
  type ReasonText,
  type RenewalReasonCode,
  type SubscriptionFacts,
} from './reason-sentences.ts';
import { measureRenewal, type RenewalMeasure } from './renewal-measures.ts';

/** Why a customer is at risk, or is not. */
export interface RenewalReason {
  code: RenewalReasonCode;
  text: string;
  /** To the log-odds of not renewing, against the average: above 0 speaks for a loss. 0 for a mere note. */
  contribution: number;
}

/** A score with all that it is made of. */
export interface ExplainedRisk {
  /** P(no renewal at the next opportunity), calibrated. */
  score: number;
  /** `base` plus the contributions of all `reasons`, up to rounding. */
  logOdds: number;
  base: number;
  /** Whatever contributes, the greatest contribution of either sign first. */
  reasons: RenewalReason[];
  /** What is worth saying, though the model does not use it. */
  notes: RenewalReason[];
}

/**
 * Scores a subscriber and says why.
 * @throws InvalidArgument for a state without subscription
 */
export function explainRisk(
  model: HazardModel<RenewalMeasure>,
  facts: SubscriptionFacts,
): ExplainedRisk {
  const { state, usage } = facts;
  const renewal = { plan: state.plan, measures: measureRenewal(state, usage) };
  const { base, plan, measures, logOdds, probability: score } = explainHazard(model, renewal);
  // Measures of one subject are one reason: apart, they would only contradict each other.
  const tenure = measures.tenure + measures.logTenure;
  const satisfaction = measures.lowSatisfaction + measures.unknownSatisfaction;
  const reasons = [
    toReason(describePlan(facts, plan), plan),
    toReason(describeTenure(facts, meanTenure(model)), tenure),
    toReason(describeUsage(facts), measures.usageChange),
    toReason(describePayment(facts), measures.paymentFailed),
    toReason(describeSatisfaction(facts), satisfaction),
  ]
    .filter(({ contribution }) => contribution !== 0)
    .sort((left, right) => Math.abs(right.contribution) - Math.abs(left.contribution));
  const notes = collectNotes(facts).filter(({ code }) => !reasons.some((one) => one.code === code));
  return { score, logOdds, base, reasons, notes };
}

/** What an agent has to know even where no model makes anything of it. */
export function collectNotes(facts: SubscriptionFacts): RenewalReason[] {
  const hasOpenPayment = facts.state.paymentFailedAt !== null;
  const notes_ = [describeRenewal(facts), hasOpenPayment ? describePayment(facts) : null];
  return notes_.flatMap((one) => (one ? [toReason(one, 0)] : []));
}

const toReason = (notes_: ReasonText, contribution: number): RenewalReason => ({
  ...notes_,
  contribution,
});

function meanTenure({ measures, logistic: { means } }: HazardModel<RenewalMeasure>): number {
  return means[means.length - measures.length + measures.indexOf('tenure')] ?? 0;
}

/** The `most` weighty reasons, then the notes. */
export const topReasons = ({ reasons, notes }: ExplainedRisk, max = 3): RenewalReason[] => [
  ...reasons.slice(0, max),
  ...notes,
];
