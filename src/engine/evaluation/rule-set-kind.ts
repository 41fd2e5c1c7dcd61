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
 * A kind of rule set, handed in by the domain that stores its placements. The engine evaluates the sets of
 * all kinds together: one statement answers their conditions, another one loads their placements.
 * Decision 0032.
 */
export interface RuleSetKind {
  readonly name: string;
  /**
   * Kinds whose rules may depend on these placements: at one instant this kind is evaluated, and its changes
   * are logged, before them. Otherwise kinds follow the order of their domains.
   */
  readonly precedes?: readonly string[];
  /**
   * Selects the definitions of a workspace, in force and in running builds: "subjectId", version, "buildId",
   * stages (JSON of `StageDefinition[]`), key. Absent for kinds whose rules are not written as filters.
   */
  selectDefinitions?(workspaceId: string): Sql;
  /** Names what a definition defines, for messages. */
  describe?(definition: Definition, vocabulary: Vocabulary): string;
  /**
   * The rule sets of a workspace, from these definitions of the kind; undefined where it has none.
   *
   * @throws InvalidFilter for a definition that the vocabulary cannot resolve
   */
  resolve(vocabulary: Vocabulary, definitions: readonly Definition[]): RuleSetGroup | undefined;
  /**
   * Selects the placements of the customer `customer.id` under these sets, which are in force: "setId",
   * "stageKey", since, "leftAt", "pinnedUntil", data. Called without sets where rules of other kinds may
   * depend on placements of this one. Undefined where there is nothing to load.
   */
  selectPlacements(workspaceId: string, sets: readonly RuleSet[]): Sql | undefined;
  /** Removes the placements of a customer that was merged into another one. */
  release(db: Transaction, merge: CustomerMerge): Promise<ReleaseResult>;
}

/** The rule sets of one kind in a workspace, resolved once for as long as no rule changes. */
export interface RuleSetGroup {
  sets: readonly ResolvedRuleSet[];
  /** Customers last evaluated before this instant are evaluated as of it, for this cause. */
  activation?: { at: number; cause: MoveCause };
  /** Stores the placements that have changed under the sets in force. */
  store(db: Transaction, result: EvaluationToStore): void;
  /** How the log records a move under a set in force. */
  toChange(customerId: string, move: DatedMove, sets: readonly RuleSet[]): NewChange | undefined;
}

export interface EvaluationToStore {
  /** What has changed under this kind's sets. */
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

export interface ReleaseResult {
  /** What the log records of the placements that the merged customer had. */
  released: ReleasedPlacements;
  /** Changes that follow for the customer it was merged into. */
  changes?: NewChange[];
}
