import type { Condition } from '../conditions/condition.ts';
import type { Filter } from '../conditions/filter.ts';
import type { Tree } from '../conditions/tree.ts';

/** The customers that a rule set is evaluated for: all, or only those with a placement under it. */
export type Population = 'ALL' | 'PLACED';

interface RuleSetBase {
  /** The id in its placements: that of the subject or, in a running build, of the build. */
  id: string;
  subjectId: string;
  version: number;
  /** Null for an active set. */
  buildId: string | null;
  appliesTo: Population;
  /** Whether a customer that matches no stage keeps its placement. */
  keepsUnmatched: boolean;
}

/** A stage of a rule set. A set that has only members has one stage with an empty key. */
export interface StageRules<Rule = Tree> {
  key: string;
  /** The entry rule as it was defined, for the change log. */
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
  /** Ids of the sets whose placements its rules depend on. */
  dependsOn: readonly string[];
}
