import type { Sql } from '../../platform/sql.ts';
import type { AbsentData } from './absent-data.ts';
import type { Answer, ClauseSql } from './clause.ts';
import type { PairScope } from './pair-scope.ts';
import type { ConditionScope } from './scope.ts';
import type { StagePlacement } from './stage-placement.ts';

/**
 * A filter with its names resolved and every clause converted to conditions. An empty `all` matches every customer,
 * an empty `any` none.
 */
export type Condition =
  | { all: Condition[] }
  | { any: Condition[] }
  | { not: Condition }
  | AtomicCondition;

/** A condition without parts: its kind, and the data of that kind. */
export interface AtomicCondition<Data = unknown> {
  kind: ConditionKind<Data>;
  data: Data;
}

/** How conditions of one kind are answered. `ConditionScope` has the parts that they compile to. */
export interface ConditionKind<Data = unknown> {
  /** Unique. Conditions with the same name and data are answered once. */
  name: string;
  /** @throws InvalidFilter for a scope in the past if the past of the data is not stored */
  compile(data: Data, scope: ConditionScope): ClauseSql;
  /** For conditions that depend on placements, or whose next change SQL cannot predict. */
  inMemory?: InMemory<Data>;
  /** The answer for customers without the absent data; undefined if the answer depends on other data. */
  answerWithout?(data: Data, absent: AbsentData): boolean | undefined;
}

/** How evaluation answers a condition in memory, for one customer at one instant. */
export interface InMemory<Data> {
  /** The column that SQL loads for it. Conditions of a plan with the same column share it. */
  load?: { column: string; compile(data: Data, scope: PairScope): Sql };
  answer(data: Data, loaded: unknown, point: EvaluationPoint): Answer;
  /** The rule sets whose placements the answer depends on. */
  ruleSets?(data: Data): string[];
}

/** The instant for which a condition is answered, and the customer's placements then. */
export interface EvaluationPoint {
  /** In ms since 1970. */
  at: number;
  timeZone: string;
  placementIn(ruleSetId: string): StagePlacement | undefined;
}
