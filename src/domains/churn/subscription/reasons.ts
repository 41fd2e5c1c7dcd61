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

/** A reason for a customer's risk. */
export interface RenewalReason {
  code: RenewalReasonCode;
  text: string;
  /** Contribution to the log-odds of not renewing, relative to the average: positive for a loss, 0 for a note. */
  contribution: number;
}

/** A score with its decomposition. */
export interface ExplainedRisk {
  /** P(no renewal at the next opportunity), calibrated. */
  score: number;
  /** `base` plus the contributions of all `reasons`, up to rounding. */
  logOdds: number;
  base: number;
  /** All reasons that contribute, ordered by absolute contribution. */
  reasons: RenewalReason[];
  /** Facts that the model does not use. */
  notes: RenewalReason[];
}

/**
 * Scores a subscriber and explains the score.
 * @throws InvalidArgument for a state without subscription
 */
export function explainRisk(
  model: HazardModel<RenewalMeasure>,
  facts: SubscriptionFacts,
): ExplainedRisk {
  const { state, usage } = facts;
  const renewal = { plan: state.plan, measures: measureRenewal(state, usage) };
  const { base, plan, measures, logOdds, probability: score } = explainHazard(model, renewal);
  // Measures of one subject form one reason: separately, they could contradict each other.
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

/** Facts that an agent must know even if the model does not use them. */
export function collectNotes(facts: SubscriptionFacts): RenewalReason[] {
  const hasOpenPayment = facts.state.paymentFailedAt !== null;
  const texts = [describeRenewal(facts), hasOpenPayment ? describePayment(facts) : null];
  return texts.flatMap((text) => (text ? [toReason(text, 0)] : []));
}

const toReason = (text: ReasonText, contribution: number): RenewalReason => ({
  ...text,
  contribution,
});

function meanTenure({ measures, logistic: { means } }: HazardModel<RenewalMeasure>): number {
  return means[means.length - measures.length + measures.indexOf('tenure')] ?? 0;
}

/** The strongest reasons, at most `max`, then the notes. */
export const topReasons = ({ reasons, notes }: ExplainedRisk, max = 3): RenewalReason[] => [
  ...reasons.slice(0, max),
  ...notes,
];
