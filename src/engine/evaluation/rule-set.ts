import type { Filter } from '../conditions/filter.ts';
import type { Condition } from '../conditions/condition.ts';
import type { Tree } from '../conditions/tree.ts';

/** Which customers a rule set is evaluated for: every one, or only those that have a placement under it. */
export type Population = 'ALL' | 'PLACED';

interface RuleSetBase {
  /** The id of its placements: the subject's or, in a running build, the build's. */
  id: string;
  subjectId: string;
  version: number;
  /** Null where it is in force. */
  buildId: string | null;
  appliesTo: Population;
  /** A customer that matches no stage keeps its placement; otherwise it loses it. */
  keepsUnmatched: boolean;
}

/** A stage of a rule set; a set with members only has one, with an empty key. */
export interface StageRules<Rule = Tree> {
  key: string;
  /** The rule of entry as it was written, for the record. */
  filter: Filter;
  entry: Rule;
  stay: Rule | undefined;
}

/** A rule set whose filters are resolved to conditions. */
export interface ResolvedRuleSet extends RuleSetBase {
  stages: ReadonlyArray<StageRules<Condition>>;
}

/** A rule set compiled for evaluation: a customer is in one of its stages or in none. */
export interface RuleSet extends RuleSetBase {
  /** The name of its kind. */
  kind: string;
  stages: readonly StageRules[];
  /** Ids of the sets whose placements its rules ask for. */
  dependsOn: readonly string[];
}
