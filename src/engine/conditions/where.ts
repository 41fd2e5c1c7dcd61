import type { Prisma } from '../../../prisma/generated/client.ts';
import { createBulkScope } from './bulk-scope.ts';
import { sayIn } from './plan.ts';
import type { Condition } from './resolve.ts';

/** A condition on the row `c` of `customer`, true for those who meet it now; never null. */
export const whereHolds = (
  condition: Condition,
  asked: { workspaceId: string; timeZone: string; now: Date },
): Prisma.Sql => sayIn(createBulkScope(asked), condition).holds;
