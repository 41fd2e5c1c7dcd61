import type { Activity } from './activity.ts';
import { explainScore } from './reasons.ts';
import type { PurchaseRiskModel } from './risk-model.ts';
import { pAliveAt, pAliveFallsBelow, scoreAt, scoreRisesTo } from './score.ts';
import type { RiskTrajectory } from './trajectory.ts';
import { valueAt } from './value.ts';

/** The trajectory of a customer without contract: silence only raises the score. */
export const purchaseTrajectory = (
  model: PurchaseRiskModel,
  activity: Activity,
): RiskTrajectory => ({
  since: activity.last,
  repeats: activity.x,
  steps: null,
  payments: null,
  scoreAt: (at) => scoreAt(model, activity, at),
  get scoreAtStart() {
    return scoreAt(model, activity, activity.last);
  },
  crosses: (threshold, at) =>
    scoreAt(model, activity, at) >= threshold
      ? Number.POSITIVE_INFINITY
      : scoreRisesTo(model, activity, threshold),
  aliveAt: (at) => pAliveAt(model, activity, at),
  aliveCrosses: (threshold, at) =>
    pAliveAt(model, activity, at) < threshold
      ? Number.POSITIVE_INFINITY
      : pAliveFallsBelow(model, activity, threshold),
  explainAt: (at) => explainScore(model, activity, at),
  valueAt: (at, terms) => valueAt(model, activity, at, terms),
});
