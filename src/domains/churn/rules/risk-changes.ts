import type { NewChange } from '../../../engine/changes/kinds.ts';
import type { DatedMove } from '../../../engine/evaluation/outcome.ts';
import type { RuleSet } from '../../../engine/evaluation/rule-set.ts';
import { lifecycleKind } from '../../lifecycles/stage-rules.ts';
import type { ActiveRiskModel } from '../filter/active-model.ts';
import { rowTrajectory } from '../filter/risk-condition.ts';
import { bandRuleSet } from '../filter/risk-placements.ts';
import type { RiskBand, RiskModel } from '../risk/risk-model.ts';

interface RiskContext {
  model: ActiveRiskModel;
  sets: readonly RuleSet[];
}

/** Logs a move between bands, or of the flag, with the score at that instant. */
export function riskChange(
  customerId: string,
  move: DatedMove,
  { model, sets }: RiskContext,
): NewChange {
  const { set, from, to, cause, eventId, late, at } = move;
  const trajectory = rowTrajectory(model, move.row);
  const base = { customerId, at: new Date(at) };
  const score = trajectory?.scoreAt(at) ?? null;
  // At an instant before the model was in force, the change comes from the model, not from the customer.
  const isPast = at < Date.parse(model.activatedAt);
  const why = { cause: isPast ? 'MODEL_REFIT' : cause, event: eventId, late } as const;
  const data = { version: set.version, score, ...why };
  if (set.id === bandRuleSet) {
    const moved = { ...data, from: toBand(from?.stageKey), to: toBand(to?.key) };
    return { kind: 'CHURN_RISK_BAND_CHANGED', ...base, data: moved };
  }
  if (!to || !trajectory || score === null) return { kind: 'CHURN_RISK_CLEARED', ...base, data };
  const { logOdds, reasons } = trajectory.explainAt(at);
  const stages = stagesOf(move, sets);
  const flagged = { ...data, band: bandOf(model, score), logOdds, reasons, stages };
  return { kind: 'CHURN_RISK_FLAGGED', ...base, data: flagged };
}

/** The customer's stage keys at the instant of the move, by lifecycle. */
const stagesOf = ({ placements }: DatedMove, sets: readonly RuleSet[]) =>
  Object.fromEntries(
    sets.flatMap(({ kind, buildId, id }) => {
      const placement = kind === lifecycleKind && buildId === null ? placements.get(id) : undefined;
      return placement ? [[id, placement.stageKey]] : [];
    }),
  );

const toBand = (key: string | undefined) => (key ?? null) as RiskBand | null;

/** A flagged customer has a score of at least HIGH. */
const bandOf = ({ bands }: Pick<RiskModel, 'bands'>, score: number): RiskBand =>
  score >= bands.LAPSED.enter ? 'LAPSED' : 'HIGH';
