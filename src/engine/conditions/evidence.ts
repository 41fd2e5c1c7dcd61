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

/** Finds the ids of the customer's latest events `e` that satisfy a condition. */
export async function findEvents(where: Sql, query: EvidenceQuery): Promise<string[]> {
  const { rows } = await query.db.query<{ id: string }>(sql`
    select e.id from event e where ${isOfCustomer(query)} and ${where}
    order by e.occurred_at desc, e.arrival desc limit ${maxEvidence}::int`);
  return rows.map(({ id }) => id);
}

/** Finds the events that set one of these traits. */
export const findIdentifies = (traits: string[], query: EvidenceQuery) =>
  findEvents(sql`e.kind = 'identify' and jsonb_exists_any(e.properties, ${traits}::text[])`, query);

export async function readValue(db: Transaction, value: Sql): Promise<unknown> {
  const { rows } = await db.query<{ value: unknown }>(value);
  return rows[0]?.value ?? null;
}

/** The number of missing events; null if more events cannot satisfy the comparison. */
export function missingFor(
  comparison: NumberComparison,
  count: number,
  events: string[],
): Evidence['missing'] {
  const { from, negated } = countThresholds(comparison);
  return !negated && count < from ? { events, count: from - count } : null;
}

export async function traitEvidence(
  name: string,
  query: EvidenceQuery,
): Promise<Partial<Evidence>> {
  const { db, customerId, holds } = query;
  const actual = await readValue(
    db,
    sql`select c.traits -> ${name}::text as value from customer c
      where c.workspace_id = ${db.workspaceId}::uuid and c.id = ${customerId}::uuid`,
  );
  return { actual, eventIds: holds ? await findIdentifies([name], query) : [] };
}
