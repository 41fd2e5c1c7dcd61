import type { MoveCause } from '../changes/kinds.ts';
import type { StagePlacement } from '../conditions/stage-placement.ts';
import type { AnsweredRow } from '../conditions/tree.ts';
import type { RuleSet, StageRules } from './rule-set.ts';

/** A customer's place under one rule set. */
export interface Placement extends StagePlacement {
  /** Rules do not move it before this instant (ms). */
  pinnedUntil: number | undefined;
  /** What its kind stores with it. */
  data?: unknown;
}

/** The placements of a customer by the rule set's id; absent where it has none. */
export type Placements = Map<string, Placement>;

/** A reason to evaluate a customer at an instant. */
export interface EvaluationStep {
  /** In ms since 1970; never before the step in front of it. */
  at: number;
  late: boolean;
  cause: MoveCause;
  /** The event that caused it. */
  eventId: string | null;
}

/** A customer's move under one rule set; `to` is undefined where it loses its placement. */
export interface Move {
  set: RuleSet;
  from: Placement | undefined;
  to: StageRules | undefined;
}

/** A move with why and when it came about. */
export interface DatedMove extends Move, EvaluationStep {
  /** How many steps had been taken, this one included. */
  steps: number;
  /** What SQL answered for the customer at that instant. */
  row: AnsweredRow;
  /** The customer's placements once it was evaluated at that instant. */
  placements: ReadonlyMap<string, Placement>;
}

export interface ReplayResult {
  moves: DatedMove[];
  placements: Placements;
  /** When the rules have to be evaluated again; infinite for never. */
  due: number;
  /** The last instant evaluated, if there was one, and what SQL answered for it. */
  reached: number | undefined;
  row: AnsweredRow | undefined;
}

/** The result of evaluating a customer, with the placements it had before. */
export interface EvaluationOutcome extends ReplayResult {
  customerId: string;
  before: Placements;
}

/** A placement that is not stored as it is; undefined where the customer has none any more. */
export interface Difference {
  customerId: string;
  set: Pick<RuleSet, 'id' | 'kind' | 'buildId'>;
  placement: Placement | undefined;
}
