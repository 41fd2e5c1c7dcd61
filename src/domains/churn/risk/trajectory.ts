import type { RiskExplanation } from './reasons.ts';
import type { ValueTerms } from './value.ts';

/** The recurring payments of a subscriber. Instants in ms since 1970. */
export interface Payments {
  readonly plan: string | null;
  /** Renewals made so far. */
  readonly renewals: number;
  readonly periodStart: number;
  /** When the next renewal is due. */
  readonly periodEnd: number;
  /** Of a period, in minor units of the workspace's currency. */
  readonly price: number;
}

/** The risk of one customer over time, as long as no event arrives. All instants are in ms since 1970. Decision 0016. */
export interface RiskTrajectory {
  /** The last activity that restarts the trajectory: bands and flags from before it no longer apply. */
  readonly since: number;
  /** The number of such activities before. */
  readonly repeats: number;
  /** P(lost) by the model of the mode, at an instant not before the last event. */
  scoreAt(at: number): number;
  /** The score just after `since`. */
  readonly scoreAtStart: number;
  /** The first instant after `at` at which the score is on the other side of a threshold; infinite for never. */
  crosses(threshold: number, at: number): number;
  /** P(alive): the probability that the customer is ever active again. */
  aliveAt(at: number): number;
  /** The first instant after `at` at which P(alive) is on the other side of a threshold; infinite for never. */
  aliveCrosses(threshold: number, at: number): number;
  explainAt(at: number): RiskExplanation;
  /** Expected future spend, in minor units; null without enough data. */
  valueAt(at: number, terms?: ValueTerms): number | null;
  /** The score from each of these instants on; null if a formula gives it at any instant. */
  readonly steps: ReadonlyArray<readonly [from: number, score: number]> | null;
  /** Null for customers without a subscription, and without a reported price. */
  readonly payments: Payments | null;
}
