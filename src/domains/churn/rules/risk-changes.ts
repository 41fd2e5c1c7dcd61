import type { NewChange } from '../../../engine/changes/kinds.ts';
import type { Held } from '../../../engine/evaluation/standing.ts';
import type { DatedMove } from '../../../engine/evaluation/walk.ts';
import type { ActiveRiskModel } from '../filter/active-model.ts';
import { loadedTrajectory } from '../filter/risk-condition.ts';
import { bandPlace } from '../filter/risk-placements.ts';
import type { RiskBand, RiskModel } from '../risk/risk-model.ts';

/** A move between bands, or into or out of being flagged, as the log keeps it, with the score of that instant. */
export function riskChange(customerId: string, move: DatedMove, model: ActiveRiskModel): NewChange {
  const { set, from, to, cause, eventId, late, at } = move;
  const course = loadedTrajectory(model, move.activity);
  const base = { customerId, at: new Date(at) };
  const score = course?.scoreAt(at) ?? null;
  // What a model says of a time before it was in force is news of the model, not of the customer.
  const isPast = at < Date.parse(model.activatedAt);
  const why = { cause: isPast ? 'MODEL_REFIT' : cause, event: eventId, late } as const;
  const data = { version: set.version, score, ...why };
  if (set.id === bandPlace) {
    const moved = { ...data, from: toBand(from?.stageKey), to: toBand(to?.key) };
    return { kind: 'CHURN_RISK_BAND_CHANGED', ...base, data: moved };
  }
  if (!to || !course || score === null) return { kind: 'CHURN_RISK_CLEARED', ...base, data };
  const { logOdds, reasons } = course.explainAt(at);
  const stages = move.stages ?? {};
  const flagged = { ...data, band: bandOf(model, score), logOdds, reasons, stages };
  return { kind: 'CHURN_RISK_FLAGGED', ...base, data: flagged };
}

const toBand = (key: Held['stageKey'] | undefined) => (key ?? null) as RiskBand | null;

/** Whoever is flagged has a score of at least HIGH. */
const bandOf = ({ bands }: Pick<RiskModel, 'bands'>, score: number): RiskBand =>
  score >= bands.LAPSED.enter ? 'LAPSED' : 'HIGH';
