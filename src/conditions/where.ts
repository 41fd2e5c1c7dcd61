import type { Prisma } from '../../prisma/generated/client.ts';
import { createBulkScope } from './bulk-scope.ts';
import { sayIn } from './plan.ts';
import type { Condition } from './resolve.ts';

/** A condition on the row `c` of `customer`, true for those who meet it now; never null. */
export const whereHolds = (
  condition: Condition,
  asked: { workspaceId: string; timeZone: string; now: Date },
): Prisma.Sql => sayIn(createBulkScope({ ...asked, past: false }), condition).holds;

/** The same of `c` as customers were at an instant gone by (see `pastCustomers`). */
export const wherePastHolds = (
  condition: Condition,
  asked: { workspaceId: string; timeZone: string; at: Date },
): Prisma.Sql => sayIn(createBulkScope({ ...asked, now: asked.at, past: true }), condition).holds;
