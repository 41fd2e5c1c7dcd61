import type { Sql } from '../../platform/sql.ts';
import type { ClauseSql } from './clause.ts';
import type { NumberRange } from './compare.ts';
import type { DidCondition, IdentityCondition } from './filter.ts';

/** A condition about a rule set's stages: which of them, and for how long or how long ago. */
export interface PlacementCondition {
  ruleSetId: string;
  stages: string[];
  limit?: StageLimit;
}

export type StageLimit =
  | { forAtLeast: string }
  | { enteredWithin: string }
  | { within: string }
  | { ever: true };

/** Rows `from … where …` that name customers in a column. */
export interface CustomerRows {
  from: Sql;
  where: Sql;
  customerId: Sql;
}

/** Which customers conditions are compiled for, as of when, and what they can be compiled to. */
export interface ConditionScope {
  timeZone: string;
  workspaceId: string;
  /** The instant that is asked about. */
  at: Sql;
  /** Whether the instant lies in the past, of which not everything is stored. */
  isPast: boolean;
  /** A column of the customer. */
  column(name: string): Sql;
  trait(name: string): Sql;
  did(condition: DidCondition): ClauseSql;
  identity(condition: IdentityCondition): ClauseSql;
  placement(condition: PlacementCondition): ClauseSql;
  /** Whether the customer is named in rows that time alone does not change. */
  isIn(rows: CustomerRows): ClauseSql;
  /**
   * Whether a value of the customer is within a range, where the value at later instants only rises or only
   * falls. Not for conditions that are compiled for evaluation: see `ConditionKind.inMemory`.
   */
  isValueInRange(valueAt: (at: Sql) => Sql, range: NumberRange): ClauseSql;
}
