import type { Transaction } from '../../platform/database.ts';
import type { Sql } from '../../platform/sql.ts';
import type { MoveCause, NewChange, ReleasedPlacements } from '../changes/kinds.ts';
import type { Vocabulary } from '../conditions/vocabulary.ts';
import type { Definition } from './definition.ts';
import type { DatedMove, Difference, EvaluationOutcome } from './outcome.ts';
import type { ResolvedRuleSet, RuleSet } from './rule-set.ts';

declare module '../extensions.ts' {
  interface Extension {
    ruleSetKinds?: readonly RuleSetKind[];
  }
}

/**
 * A kind of rule set, declared by the domain that stores its placements. The engine evaluates the sets of all kinds
 * together: one statement answers their conditions, another one loads their placements. Decision 0032.
 */
export interface RuleSetKind {
  readonly name: string;
  /**
   * Kinds whose rules may depend on these placements. At one instant this kind is evaluated and logged before them.
   * Otherwise kinds follow the order of their domains.
   */
  readonly precedes?: readonly string[];
  /**
   * Selects the definitions of a workspace, active and in running builds: "subjectId", version, "buildId",
   * stages (JSON of `StageDefinition[]`), key. Absent for kinds whose rules are not filters.
   */
  selectDefinitions?(workspaceId: string): Sql;
  /** Describes the subject of a definition, for messages. */
  describe?(definition: Definition, vocabulary: Vocabulary): string;
  /**
   * The rule sets of a workspace from definitions of this kind; undefined if there are none.
   *
   * @throws InvalidFilter for a definition that cannot be resolved with the vocabulary
   */
  resolve(vocabulary: Vocabulary, definitions: readonly Definition[]): RuleSetGroup | undefined;
  /**
   * Selects the placements of the customer `customer.id` under these active sets: "setId", "stageKey", since,
   * "leftAt", "pinnedUntil", data. Called without sets if rules of other kinds may depend on placements of this
   * one. Undefined if there is nothing to load.
   */
  selectPlacements(workspaceId: string, sets: readonly RuleSet[]): Sql | undefined;
  /** Removes the placements of a customer that was merged into another one. */
  release(db: Transaction, merge: CustomerMerge): Promise<ReleaseResult>;
  /** Gives customers whose merge was undone what rules cannot: what each had of its own. */
  restore?(db: Transaction, separation: CustomerSeparation): Promise<NewChange[]>;
}

/** The rule sets of one kind in a workspace; cached until a rule changes. */
export interface RuleSetGroup {
  sets: readonly ResolvedRuleSet[];
  /** Customers last evaluated before this instant are evaluated as of it, for this cause. */
  activation?: { at: number; cause: MoveCause };
  /** Stores the placements that changed under active sets. */
  store(db: Transaction, result: EvaluationToStore): void;
  /** Converts a move under an active set to a change. */
  toChange(customerId: string, move: DatedMove, sets: readonly RuleSet[]): NewChange | undefined;
}

export interface EvaluationToStore {
  /** The changed placements under sets of this kind. */
  differences: readonly Difference[];
  /** All evaluated customers, for kinds that store more than placements. */
  outcomes: readonly EvaluationOutcome[];
}

export interface CustomerMerge {
  from: string;
  into: string;
  at: Date;
  /** The event that caused it. */
  eventId: string;
  late: boolean;
}

/** Two customers whose merge was undone, evaluated from `at` on. */
export interface CustomerSeparation {
  mergeId: string;
  /** The customer that was merged away, and the survivor that it was part of. */
  from: string;
  survivor: string;
  at: Date;
}

export interface ReleaseResult {
  /** The placements of the merged customer, for the change log. */
  released: ReleasedPlacements;
  /** The resulting changes for the customer it was merged into. */
  changes?: NewChange[];
}
