import { baseRateOf, type Forecast } from '../../../statistics/backtest/forecast.ts';
import { toLogOdds, toProbability } from '../../../statistics/models/numerics/log-odds.ts';
import { type BandThresholds, type RaisedBand, raisedBands, type Threshold } from './risk-model.ts';

/**
 * How often those with which a band begins are to have been silent, as a part of the way from the base rate to
 * always: where four of five customers are silent anyway, four of five is no alarm.
 */
const requiredSilence: Record<RaisedBand, number> = { MEDIUM: 0.1, HIGH: 0.5, LAPSED: 0.85 };

/** What is said of fewer customers than this is said by chance. */
const minCustomers = 30;

/** How far below its beginning a band ends, in log-odds: from .8 to .7, as hysteresis is told to need. */
const exitDistance = toLogOdds(0.8) - toLogOdds(0.7);

/** Keeps thresholds apart from each other and from certainty. */
const minDistance = 0.01;
const maxThreshold = 0.995;

const defaultBaseRate = 0.5;

/**
 * The scores at which bands begin, by what came of earlier forecasts: the lowest from which on customers were
 * silent as often as the band demands. Where none were, what it demands itself: scores are calibrated.
 */
export function proposeBands(forecasts: readonly Forecast[]): BandThresholds {
  const rate = forecasts.length > 0 ? baseRateOf(forecasts) : defaultBaseRate;
  // Where all did the same, nothing is known of what sets customers apart.
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

/** Customers with neighbouring scores, and how many of them were silent. */
interface Block {
  /** The lowest score among them. */
  from: number;
  count: number;
  silent: number;
}

/** Isotonic regression by pooling adjacent violators: blocks whose share of silent ones never falls. */
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

/** At least the fewest that say anything; equal scores are kept together. */
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

/** A band ends above the beginning of the one below, so that nobody falls two at a time by a hair. */
const toThreshold = (enter: number, below: number): Threshold => ({
  enter,
  exit: Math.max(below, toProbability(toLogOdds(enter) - exitDistance)),
});
