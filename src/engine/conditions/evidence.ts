import type { Transaction } from '../../platform/database.ts';
import { type Sql, sql } from '../../platform/sql.ts';
import { countThresholds } from './event-clause.ts';
import type { NumberComparison } from './filter.ts';
import type { Evidence, EvidenceQuery } from './filter-clause.ts';

/** Maximum of events and names in the evidence for one clause. */
export const maxEvidence = 100;

/** The condition on the row `e` for the customer's events. */
export const isOfCustomer = ({ db, customerId, at }: EvidenceQuery) => sql`
  e.workspace_id = ${db.workspaceId}::uuid and e.occurred_at <= ${at}::timestamptz
  and e.customer_id in (select m.id from customer m where m.workspace_id = ${db.workspaceId}::uuid
    and (m.id = ${customerId}::uuid or m.merged_into = ${customerId}::uuid))`;

export async function readValue(db: Transaction, value: Sql): Promise<unknown> {
  const { rows } = await db.query<{ value: unknown }>(value);
  return rows[0]?.value ?? null;
}

/** An instant from JSON, in the format of all others. */
export const formatInstant = (instant: unknown): string | null =>
  typeof instant === 'string' ? new Date(instant).toISOString() : null;

/** The number of missing events; null if more events cannot satisfy the comparison. */
export function missingFor(
  comparison: NumberComparison,
  count: number,
  events: string[],
): Evidence['missing'] {
  const { from, negated } = countThresholds(comparison);
  return !negated && count < from ? { events, count: from - count } : null;
}
