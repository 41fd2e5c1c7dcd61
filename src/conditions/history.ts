import { Prisma } from '../../prisma/generated/client.ts';
import type { Sql } from '../platform/database.ts';
import { pastCustomers } from './past.ts';
import type { Condition } from './resolve.ts';
import { wherePastHolds } from './where.ts';

/** How many customers there were at an instant gone by, and how many of them met the condition. */
export interface CountAt {
  at: Date;
  customers: number;
  count: number;
}

/** What the answers would have been, from the events and the log; a statement per instant. */
export async function countAt(
  sql: Sql,
  { workspaceId, timeZone }: { workspaceId: string; timeZone: string },
  condition: Condition,
  instants: readonly Date[],
): Promise<CountAt[]> {
  const counts: CountAt[] = [];
  for (const at of instants) {
    const holds = wherePastHolds(condition, { workspaceId, timeZone, at });
    const { text, values } = Prisma.sql`
      select count(*)::int as customers, (count(*) filter (where ${holds}))::int as count
      from ${pastCustomers({ workspaceId, timeZone, upTo: at })} as c`;
    const { rows } = await sql.query<Omit<CountAt, 'at'>>(text, values);
    counts.push({ at, customers: 0, count: 0, ...rows[0] });
  }
  return counts;
}
