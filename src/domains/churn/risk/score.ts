import { mbgNbd } from '../../../statistics/models/mbg-nbd.ts';
import { toLogOdds, toProbability } from '../../../statistics/models/numerics/log-odds.ts';
import { calibrate, scoreLogOdds } from '../../../statistics/models/platt-scaling.ts';
import type { PurchaseHistory } from '../../../statistics/models/purchase-history.ts';
import { type Activity, historyAt, instantOfAge } from './activity.ts';
import type { PurchaseRiskModel } from './risk-model.ts';

/** P(no activity within the horizon), calibrated, at an instant (ms since 1970). */
export const scoreAt = (model: PurchaseRiskModel, activity: Activity, at: number): number =>
  scoreAges(model, historyAt(activity, at));

/** The same for a purchase history, in days. */
export const scoreAges = (
  { parameters, horizonDays, calibration }: PurchaseRiskModel,
  history: PurchaseHistory,
): number => calibrate(calibration, mbgNbd.pSilent(parameters, history, horizonDays));

/** ln(P(silent) / (1 - P(silent))) of the raw score, bounded by the precision of doubles. */
export const rawLogOdds = (
  { parameters, horizonDays }: PurchaseRiskModel,
  history: PurchaseHistory,
) => scoreLogOdds(mbgNbd.pSilent(parameters, history, horizonDays));

/** P(alive): the probability that the customer ever returns. It cannot be observed, so it is not the score. */
export const pAliveAt = (
  { parameters }: PurchaseRiskModel,
  activity: Activity,
  at: number,
): number => mbgNbd.pAlive(parameters, historyAt(activity, at));

/** A condition that silence makes true and that stays true until the next activity. */
interface Rising {
  /** The age in days at which it becomes true; null for never. */
  age: number | null;
  holdsAt(at: number): boolean;
}

/** The first ms at which the condition is true; infinite for never; not before the last activity. */
function firstInstant(activity: Activity, { age, holdsAt }: Rising): number {
  if (holdsAt(activity.last)) return activity.last;
  if (age === null) return Number.POSITIVE_INFINITY;
  let at = Math.max(activity.last + 1, Math.ceil(instantOfAge(activity, age)));
  if (!Number.isSafeInteger(at)) return Number.POSITIVE_INFINITY;
  // Rounding may put the age a few ms away from the instant at which the score crosses the threshold.
  while (at > activity.last + 1 && holdsAt(at - 1)) at -= 1;
  for (let step = 0; step < 10 && !holdsAt(at); step += 1) at += 1;
  return at;
}

/** The first ms at which silence raises the score to a threshold; infinite for never. */
export function scoreRisesTo(
  model: PurchaseRiskModel,
  activity: Activity,
  threshold: number,
): number {
  const raw = uncalibrate(model, threshold);
  const { x, tx } = historyAt(activity, activity.last);
  const { parameters, horizonDays: horizon } = model;
  const isReachable = raw > 0 && raw < 1;
  return firstInstant(activity, {
    age: isReachable
      ? mbgNbd.silentRisesTo(parameters, { x, tx }, { threshold: raw, horizon })
      : null,
    holdsAt: (at) => scoreAt(model, activity, at) >= threshold,
  });
}

/** The first ms at which P(alive) is below a threshold; infinite for never. */
export function pAliveFallsBelow(
  model: PurchaseRiskModel,
  activity: Activity,
  threshold: number,
): number {
  const { x, tx } = historyAt(activity, activity.last);
  const isReachable = threshold > 0 && threshold < 1;
  return firstInstant(activity, {
    age: isReachable ? mbgNbd.aliveFallsTo(model.parameters, { x, tx }, threshold) : null,
    holdsAt: (at) => pAliveAt(model, activity, at) < threshold,
  });
}

/** Inverts the calibration: the raw score of a calibrated one. */
export function uncalibrate(
  { calibration }: Pick<PurchaseRiskModel, 'calibration'>,
  score: number,
) {
  const { slope, intercept } = calibration;
  return toProbability((toLogOdds(score) - intercept) / slope);
}
