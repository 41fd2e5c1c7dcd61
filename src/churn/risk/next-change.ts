import type { Activity } from './activity.ts';
import { flaggingRise, type RiskModel, raisedBands } from './risk-model.ts';
import { riseTo, scoreAt, scoreRisesTo } from './score.ts';

/** When silence next brings the customer into a higher band or flags it, in ms; infinite for never. */
export function nextChange(
  model: RiskModel,
  activity: Activity,
  { at, isFlagged }: { at: number; isFlagged: boolean },
): number {
  const score = scoreAt(model, activity, at);
  const bands = raisedBands.map((band) => model.bands[band].enter);
  const flag = flagThreshold(model, activity);
  const ahead = [...bands, ...(isFlagged ? [] : [flag])].filter((threshold) => threshold > score);
  return scoreRisesTo(model, activity, Math.min(Number.POSITIVE_INFINITY, ...ahead));
}

/** The score at which silence flags a customer: high, and risen enough since the last activity. */
export const flagThreshold = (model: RiskModel, activity: Activity): number =>
  Math.max(model.bands.HIGH.enter, riseTo(model, activity, flaggingRise.enter));
