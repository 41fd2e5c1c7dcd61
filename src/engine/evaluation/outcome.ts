import type { MoveCause } from '../changes/kinds.ts';
import type { StagePlacement } from '../conditions/stage-placement.ts';
import type { AnsweredRow } from '../conditions/tree.ts';
import type { RuleSet, StageRules } from './rule-set.ts';

/** The stage of a customer under one rule set. */
export interface Placement extends StagePlacement {
  /** Rules do not move the customer before this instant (ms). */
  pinnedUntil: number | undefined;
  /** Data of the rule-set kind. */
  data?: unknown;
}

/** The placements of a customer by rule set id. */
export type Placements = Map<string, Placement>;

/** A reason to evaluate a customer at an instant. */
export interface EvaluationStep {
  /** In ms since 1970; not before the previous step. */
  at: number;
  late: boolean;
  cause: MoveCause;
  /** The event that caused it. */
  eventId: string | null;
}

/** A customer's move under one rule set; `to` is undefined if it leaves the set. */
export interface Move {
  set: RuleSet;
  from: Placement | undefined;
  to: StageRules | undefined;
}

/** A move with its time and cause. */
export interface DatedMove extends Move, EvaluationStep {
  /** The number of steps up to the move, including this one. */
  steps: number;
  /** The answers of SQL for the customer at that instant. */
  row: AnsweredRow;
  /** The customer's placements after the evaluation at that instant. */
  placements: ReadonlyMap<string, Placement>;
}

export interface ReplayResult {
  moves: DatedMove[];
  placements: Placements;
  /** When the rules must be evaluated again; infinite for never. */
  due: number;
  /** The last evaluated instant, and the answers of SQL for it; undefined without an evaluation. */
  reached: number | undefined;
  row: AnsweredRow | undefined;
}

/** The result of the evaluation of a customer, with the placements before it. */
export interface EvaluationOutcome extends ReplayResult {
  customerId: string;
  before: Placements;
}

/** A placement to be stored, or to be deleted if undefined. */
export interface Difference {
  customerId: string;
  set: Pick<RuleSet, 'id' | 'kind' | 'buildId'>;
  placement: Placement | undefined;
}
