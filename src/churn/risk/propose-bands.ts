import { baseRateOf, type Forecast } from '../backtest/forecast.ts';
import { toLogOdds, toProbability } from '../models/numerics/log-odds.ts';
import type { BandThresholds, RaisedBand, Threshold } from './risk-model.ts';

/**
 * How many of those in the band are to have been silent, as a part of the way from the base rate to all: where
 * four of five customers are silent anyway, four of five is no alarm.
 */
const demanded: Record<RaisedBand, number> = { MEDIUM: 0.1, HIGH: 0.5, LAPSED: 0.85 };

/** So many customers have to be in a band of the past to say anything of it. */
const fewest = 30;

/** How far below its beginning a band ends, in log-odds: .8 and .7, as hysteresis is told to need. */
const exitDistance = toLogOdds(0.8) - toLogOdds(0.7);

/** Keeps thresholds apart from each other and from certainty. */
const leastDistance = 0.01;
const highest = 0.995;

/**
 * The scores at which bands begin, by what came of earlier forecasts: the lowest at which those with such a
 * score or a higher one were silent as often as the band demands. Where none was, what it demands itself:
 * scores are calibrated.
 */
export function proposeBands(forecasts: readonly Forecast[]): BandThresholds {
  const baseRate = forecasts.length > 0 ? baseRateOf(forecasts) : 0.5;
  const scores = forecasts.toSorted((a, b) => b.score - a.score);
  const lowest = (band: RaisedBand) => {
    const precision = baseRate + demanded[band] * (1 - baseRate);
    return lowestWith(precision, scores) ?? precision;
  };
  const lapsed = Math.min(highest, lowest('LAPSED'));
  const high = Math.min(lapsed - leastDistance, lowest('HIGH'));
  const medium = Math.min(high - leastDistance, lowest('MEDIUM'));
  return {
    MEDIUM: toThreshold(medium, 0),
    HIGH: toThreshold(high, medium),
    LAPSED: toThreshold(lapsed, high),
  };
}

/** Walks down from the highest score for as long as the share of silent ones among those passed is enough. */
function lowestWith(precision: number, falling: readonly Forecast[]): number | undefined {
  let silent = 0;
  let found: number | undefined;
  for (const [index, { score, outcome }] of falling.entries()) {
    if (outcome) silent += 1;
    const isLastOfEquals = falling[index + 1]?.score !== score;
    const passed = index + 1;
    if (isLastOfEquals && passed >= fewest && silent / passed >= precision) found = score;
  }
  return found;
}

/** A band ends above the beginning of the one below, so that nobody falls two at a time by a hair. */
function toThreshold(enter: number, below: number): Threshold {
  const bounded = Math.max(leastDistance, enter);
  const exit = toProbability(toLogOdds(bounded) - exitDistance);
  return { enter: bounded, exit: Math.max(exit, Math.min(below, bounded)) };
}
