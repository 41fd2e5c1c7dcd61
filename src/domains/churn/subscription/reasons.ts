import { explainHazard, type HazardModel } from './hazard-model.ts';
import {
  type Facts,
  type ReasonCode,
  type Told,
  tellPayment,
  tellPlan,
  tellRenewal,
  tellSatisfaction,
  tellTenure,
  tellUsage,
} from './reason-sentences.ts';
import { measureRenewal, type RenewalMeasure } from './renewal-measures.ts';

/** Why a customer is at risk, or is not. */
export interface Reason {
  code: ReasonCode;
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
  reasons: Reason[];
  /** What is worth saying, though the model does not use it. */
  notes: Reason[];
}

/**
 * Scores a subscriber and says why.
 * @throws InvalidArgument for a state without subscription
 */
export function explainRisk(model: HazardModel<RenewalMeasure>, facts: Facts): ExplainedRisk {
  const { state, usage } = facts;
  const renewal = { plan: state.plan, measures: measureRenewal(state, usage) };
  const { base, plan, measures, logOdds, probability: score } = explainHazard(model, renewal);
  // Measures of one subject are one reason: apart, they would only contradict each other.
  const tenure = measures.tenure + measures.logTenure;
  const satisfaction = measures.lowSatisfaction + measures.unknownSatisfaction;
  const reasons = [
    because(tellPlan(facts, plan), plan),
    because(tellTenure(facts, meanTenure(model)), tenure),
    because(tellUsage(facts), measures.usageChange),
    because(tellPayment(facts), measures.paymentFailed),
    because(tellSatisfaction(facts), satisfaction),
  ]
    .filter(({ contribution }) => contribution !== 0)
    .sort((left, right) => Math.abs(right.contribution) - Math.abs(left.contribution));
  const notes = noteFacts(facts).filter(({ code }) => !reasons.some((one) => one.code === code));
  return { score, logOdds, base, reasons, notes };
}

/** What an agent has to know even where no model makes anything of it. */
export function noteFacts(facts: Facts): Reason[] {
  const hasOpenPayment = facts.state.paymentFailedAt !== null;
  const told = [tellRenewal(facts), hasOpenPayment ? tellPayment(facts) : null];
  return told.flatMap((one) => (one ? [because(one, 0)] : []));
}

const because = (told: Told, contribution: number): Reason => ({ ...told, contribution });

function meanTenure({ measures, logistic: { means } }: HazardModel<RenewalMeasure>): number {
  return means[means.length - measures.length + measures.indexOf('tenure')] ?? 0;
}

/** The `most` weighty reasons, then the notes. */
export const topReasons = ({ reasons, notes }: ExplainedRisk, most = 3): Reason[] => [
  ...reasons.slice(0, most),
  ...notes,
];
