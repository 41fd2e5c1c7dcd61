import { mbgNbd } from '../../../statistics/models/mbg-nbd.ts';
import { toLogOdds, toProbability } from '../../../statistics/models/numerics/log-odds.ts';
import { calibrate, scoreLogOdds } from '../../../statistics/models/platt-scaling.ts';
import type { PurchaseHistory } from '../../../statistics/models/purchase-history.ts';
import { type Activity, historyAt, instantOfAge } from './activity.ts';
import type { PurchaseRiskModel } from './risk-model.ts';

/** P(no activity within the horizon), calibrated, at an instant (ms since 1970). */
export const scoreAt = (model: PurchaseRiskModel, activity: Activity, at: number): number =>
  scoreAges(model, historyAt(activity, at));

/** The same of a history as models have it, in days. */
export const scoreAges = (
  { parameters, horizonDays, calibration }: PurchaseRiskModel,
  history: PurchaseHistory,
): number => calibrate(calibration, mbgNbd.pSilent(parameters, history, horizonDays));

/** ln(P(silent) / P(not)) of the raw score, within what doubles can tell apart. */
export const rawLogOdds = (
  { parameters, horizonDays }: PurchaseRiskModel,
  history: PurchaseHistory,
) => scoreLogOdds(mbgNbd.pSilent(parameters, history, horizonDays));

/** P(alive): whether the customer will ever come back. Nobody can observe it, so it is never the score. */
export const pAliveAt = (
  { parameters }: PurchaseRiskModel,
  activity: Activity,
  at: number,
): number => mbgNbd.pAlive(parameters, historyAt(activity, at));

/** Where silence makes something true that then stays so until the next activity. */
interface Rising {
  /** The age in days at which it begins, null for never. */
  age: number | null;
  holdsAt(at: number): boolean;
}

/** The first ms at which it holds, infinite for never; never before the last activity. */
function firstInstant(activity: Activity, { age, holdsAt }: Rising): number {
  if (holdsAt(activity.last)) return activity.last;
  if (age === null) return Number.POSITIVE_INFINITY;
  let at = Math.max(activity.last + 1, Math.ceil(instantOfAge(activity, age)));
  if (!Number.isSafeInteger(at)) return Number.POSITIVE_INFINITY;
  // Rounding may have put the age next to the ms at which the score itself says so.
  while (at > activity.last + 1 && holdsAt(at - 1)) at -= 1;
  for (let step = 0; step < 10 && !holdsAt(at); step += 1) at += 1;
  return at;
}

/** The first ms at which silence raises the score to a threshold; infinite if it never does. */
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

/** The first ms at which silence has P(alive) below a threshold; infinite if it never does. */
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

/** The raw score that is calibrated to this one. */
export function uncalibrate(
  { calibration }: Pick<PurchaseRiskModel, 'calibration'>,
  score: number,
) {
  const { slope, intercept } = calibration;
  return toProbability((toLogOdds(score) - intercept) / slope);
}
