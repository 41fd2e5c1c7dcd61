import type { Sql } from '../../platform/sql.ts';
import type { ClauseSql } from './clause.ts';
import type { NumberRange } from './compare.ts';
import type { ConsentCondition, DidCondition, IdentityCondition } from './filter.ts';

/** A condition on a rule set's stages: which stages, and for how long or how long ago. */
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

/** Rows `from … where …` with a column of customer ids. */
export interface CustomerRows {
  from: Sql;
  where: Sql;
  customerId: Sql;
}

/** The customers and the instant that conditions are compiled for, and the parts that they compile to. */
export interface ConditionScope {
  timeZone: string;
  workspaceId: string;
  /** The instant of the answers. */
  at: Sql;
  /** Whether the instant is in the past, for which not all data is stored. */
  isPast: boolean;
  /** A column of the customer. */
  column(name: string): Sql;
  trait(name: string): Sql;
  did(condition: DidCondition): ClauseSql;
  identity(condition: IdentityCondition): ClauseSql;
  consent(condition: ConsentCondition): ClauseSql;
  placement(condition: PlacementCondition): ClauseSql;
  /** Whether the customer is in rows that time alone does not change. */
  isIn(rows: CustomerRows): ClauseSql;
  /**
   * Whether a value of the customer is within a range. The value must be monotonic in time. Not for conditions that
   * are compiled for evaluation: see `ConditionKind.inMemory`.
   */
  isValueInRange(valueAt: (at: Sql) => Sql, range: NumberRange): ClauseSql;
}
