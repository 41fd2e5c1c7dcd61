import type { Sql } from '../../platform/sql.ts';
import { createBulkScope } from './bulk-scope.ts';
import type { Condition } from './condition.ts';
import { compileToSql } from './plan.ts';

/** Whether the row `c` of `customer` satisfies the condition now; never null. */
export const conditionSql = (
  condition: Condition,
  options: { workspaceId: string; timeZone: string; now: Date },
): Sql => compileToSql(createBulkScope(options), condition).holds;
