import type { RiskExplanation } from './reasons.ts';
import type { ValueTerms } from './value.ts';

/** What a subscriber pays as long as it renews. Instants in ms since 1970. */
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

/** How the risk of one customer goes as long as nothing happens. All instants are in ms since 1970. */
export interface RiskTrajectory {
  /** When it last did what begins everything anew: a band or a flag of before says nothing any more. */
  readonly since: number;
  /** How often it did so before. */
  readonly repeats: number;
  /** P(lost) as the mode has it, at an instant that is not before the last event. */
  scoreAt(at: number): number;
  /** The score that it had just after `since`. */
  readonly scoreAtStart: number;
  /** The first instant after `at` at which the score is on the other side of a threshold; infinite for never. */
  crosses(threshold: number, at: number): number;
  /** P(will ever be there again). */
  aliveAt(at: number): number;
  /** The same of P(alive). */
  aliveCrosses(threshold: number, at: number): number;
  explainAt(at: number): RiskExplanation;
  /** Money still expected, in minor units; null where too little is known. */
  valueAt(at: number, terms?: ValueTerms): number | null;
  /** The score from each of these instants on, for who has to look it up; null where a formula says it. */
  readonly steps: ReadonlyArray<readonly [from: number, score: number]> | null;
  /** Null of whoever pays for what it orders, and where no price was told. */
  readonly payments: Payments | null;
}
