import { baseRateOf, type Forecast } from '../../../statistics/backtest/forecast.ts';
import { toLogOdds, toProbability } from '../../../statistics/models/numerics/log-odds.ts';
import { type BandThresholds, type RaisedBand, raisedBands, type Threshold } from './risk-model.ts';

/**
 * The share of silent customers at which each band begins, as a fraction of the distance from the base rate to
 * 1: if four of five customers are silent anyway, a score of four fifths is no alarm.
 */
const requiredSilence: Record<RaisedBand, number> = { MEDIUM: 0.1, HIGH: 0.5, LAPSED: 0.85 };

/** The share of silent customers among fewer than these is mostly chance. */
const minCustomers = 30;

/** Hysteresis: how far below its entry threshold a band ends, in log-odds (from .8 to .7). */
const exitDistance = toLogOdds(0.8) - toLogOdds(0.7);

/** Separates thresholds from each other and from certainty. */
const minDistance = 0.01;
const maxThreshold = 0.995;

const defaultBaseRate = 0.5;

/**
 * Proposes the scores at which bands begin, from the outcomes of earlier forecasts: the lowest score from which
 * customers were silent as often as the band requires. If none were, the required share itself is the
 * threshold, since scores are calibrated.
 */
export function proposeBands(forecasts: readonly Forecast[]): BandThresholds {
  const rate = forecasts.length > 0 ? baseRateOf(forecasts) : defaultBaseRate;
  // Identical outcomes do not tell customers apart.
  const baseRate = rate > 0 && rate < 1 ? rate : defaultBaseRate;
  const blocks = rate === baseRate ? risingBlocks(forecasts) : [];
  const thresholds: Array<[RaisedBand, Threshold]> = [];
  let below = 0;
  for (const [index, band] of raisedBands.entries()) {
    const required = baseRate + requiredSilence[band] * (1 - baseRate);
    const lowest = blocks.find(({ silent, count }) => silent / count >= required)?.from ?? required;
    const maxEnter = maxThreshold - (raisedBands.length - 1 - index) * minDistance;
    const enter = Math.min(maxEnter, Math.max(below + minDistance, lowest));
    thresholds.push([band, toThreshold(enter, below)]);
    below = enter;
  }
  return Object.fromEntries(thresholds) as BandThresholds;
}

/** A group of customers with adjacent scores, and the number of silent ones. */
interface Block {
  /** The lowest score among them. */
  from: number;
  count: number;
  silent: number;
}

/** Isotonic regression by pooling adjacent violators: the share of silent customers never decreases from block to block. */
function risingBlocks(forecasts: readonly Forecast[]): Block[] {
  const blocks: Block[] = [];
  for (const block of groupByScore(forecasts)) {
    let merged = block;
    for (let last = blocks.at(-1); last && isBelow(merged, last); last = blocks.at(-1)) {
      blocks.pop();
      const count = last.count + merged.count;
      merged = { from: last.from, count, silent: last.silent + merged.silent };
    }
    blocks.push(merged);
  }
  return blocks;
}

const isBelow = (a: Block, b: Block) => a.silent / a.count <= b.silent / b.count;

/** Groups forecasts by score into blocks of at least `minCustomers`; equal scores stay in one block. */
function groupByScore(forecasts: readonly Forecast[]): Block[] {
  const blocks: Block[] = [];
  let previous: number | undefined;
  for (const { score, outcome } of forecasts.toSorted((a, b) => a.score - b.score)) {
    const last = blocks.at(-1);
    if (last && (last.count < minCustomers || score === previous)) {
      last.count += 1;
      last.silent += Number(outcome);
    } else blocks.push({ from: score, count: 1, silent: Number(outcome) });
    previous = score;
  }
  return blocks.filter(({ count }) => count >= minCustomers);
}

/** A band never ends below the start of the band beneath, so that a small change does not skip a band. */
const toThreshold = (enter: number, below: number): Threshold => ({
  enter,
  exit: Math.max(below, toProbability(toLogOdds(enter) - exitDistance)),
});
