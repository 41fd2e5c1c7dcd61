import { flaggingRise, type RiskBand, type RiskModel, raisedBands } from './risk-model.ts';
import type { RiskTrajectory } from './trajectory.ts';

/** When silence next changes the customer's band, flags or clears it, in ms since 1970; infinite for never. */
export function nextRiskChange(
  { bands }: Pick<RiskModel, 'bands'>,
  trajectory: RiskTrajectory,
  { at, band, isFlagged }: { at: number; band: RiskBand; isFlagged: boolean },
): number {
  const score = trajectory.scoreAt(at);
  const { enter, exit } = flagThresholds({ bands }, trajectory);
  const ahead = [...raisedBands.map((one) => bands[one].enter), ...(isFlagged ? [] : [enter])];
  const behind = [...(band === 'LOW' ? [] : [bands[band].exit]), ...(isFlagged ? [exit] : [])];
  const thresholds = [
    ...ahead.filter((threshold) => threshold > score),
    ...behind.filter((threshold) => threshold <= score),
  ];
  const instants = thresholds.map((threshold) => trajectory.crosses(threshold, at));
  return Math.min(Number.POSITIVE_INFINITY, ...instants);
}

/** The scores at which silence flags a customer and clears the flag: a high score that rose enough after `since`. */
export function flagThresholds(
  { bands }: Pick<RiskModel, 'bands'>,
  { scoreAtStart }: RiskTrajectory,
) {
  return {
    enter: Math.max(bands.HIGH.enter, scoreAtStart + flaggingRise.enter),
    exit: Math.max(bands.HIGH.exit, scoreAtStart + flaggingRise.exit),
  };
}
