import type { Sql } from '../../platform/sql.ts';
import type { AbsentData } from './absent-data.ts';
import type { Answer, ClauseSql } from './clause.ts';
import type { PairScope } from './pair-scope.ts';
import type { ConditionScope } from './scope.ts';
import type { StagePlacement } from './stage-placement.ts';

/**
 * What a filter means: names are looked up, and every clause has become conditions of some kind. `all` of
 * nothing matches every customer, `any` of nothing matches none.
 */
export type Condition =
  | { all: Condition[] }
  | { any: Condition[] }
  | { not: Condition }
  | AtomicCondition;

/** A condition that is not made of others: data that only its kind can read. */
export interface AtomicCondition<Data = unknown> {
  kind: ConditionKind<Data>;
  data: Data;
}

/** How conditions of one kind are answered. See `Scope` for what they can be compiled to. */
export interface ConditionKind<Data = unknown> {
  /** Unique: conditions of the same name and data are answered once. */
  name: string;
  /** @throws InvalidFilter where a scope is about the past and the answer is not stored of it */
  compile(data: Data, scope: ConditionScope): ClauseSql;
  /** For a condition that depends on placements, or that SQL cannot predict the next change of. */
  inMemory?: InMemory<Data>;
  /** The answer for customers who lack everything that is absent; undefined where that does not decide it. */
  answerWithout?(data: Data, absent: AbsentData): boolean | undefined;
}

/** How evaluation answers a condition without asking SQL: for one customer at one instant. */
export interface InMemory<Data> {
  /** What SQL loads for it; conditions of a plan with the same column share what is loaded. */
  load?: { column: string; compile(data: Data, scope: PairScope): Sql };
  answer(data: Data, loaded: unknown, point: EvaluationPoint): Answer;
  /** The rule sets whose placements the answer depends on. */
  ruleSets?(data: Data): string[];
}

/** The instant a condition is answered for, and where the customer is placed by then. */
export interface EvaluationPoint {
  /** In ms since 1970. */
  at: number;
  timeZone: string;
  placementIn(ruleSetId: string): StagePlacement | undefined;
}
