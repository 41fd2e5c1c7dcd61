import type { Transaction } from '../../platform/database.ts';
import { NotFound } from '../../platform/errors.ts';
import { sql } from '../../platform/sql.ts';

export interface MergeRequest {
  id: string;
  from: string;
  into: string;
  at: Date;
  eventId: string | null;
}

/**
 * Merges two customers by a reversible link, without rewriting events. The evaluation of the survivor, whose facts must
 * be recomputed, continues at `at`. Decision 0002.
 */
export async function mergeCustomers(db: Transaction, merge: MergeRequest) {
  const { id, from, into, at, eventId } = merge;
  await db.query(sql`
    insert into customer_merge (workspace_id, id, from_customer_id, into_customer_id, at, event_id)
    values (${db.workspaceId}, ${id}, ${from}, ${into}, ${at}, ${eventId})`);
  await db.query(sql`
    update customer set merged_into = ${into}
      where workspace_id = ${db.workspaceId} and (id = ${from} or merged_into = ${from})`);
  await db.query(sql`
    update customer set evaluated_at = ${at} where workspace_id = ${db.workspaceId} and id = ${into}`);
}

/** The customers of a merge that was undone. */
export interface Separation {
  /** The customer that was merged away. */
  from: string;
  /** The customer it was merged into, and the current survivor of that one. */
  into: string;
  survivor: string;
}

/** Undoes a merge. Each event belongs again to the customer it was recorded for; the facts of both must be recomputed. */
export async function separateCustomers(
  db: Transaction,
  { mergeId, now }: { mergeId: string; now: Date },
): Promise<Separation> {
  const { rows } = await db.query<Separation>(sql`
    update customer_merge m set undone_at = ${now}
    from customer c
    where m.workspace_id = ${db.workspaceId} and m.id = ${mergeId} and m.undone_at is null
      and c.workspace_id = ${db.workspaceId} and c.id = m.from_customer_id
    returning m.from_customer_id as "from", m.into_customer_id as "into", c.merged_into as survivor`);
  const [separation] = rows;
  if (!separation) throw new NotFound('active merge');
  await db.query(sql`
    with recursive released as (
      select ${separation.from}::uuid as id
      union
      select m.from_customer_id
      from customer_merge m
      join released on m.into_customer_id = released.id
      where m.workspace_id = ${db.workspaceId} and m.undone_at is null
    )
    update customer set merged_into = nullif(${separation.from}::uuid, customer.id)
    from released
    where customer.workspace_id = ${db.workspaceId} and customer.id = released.id`);
  await db.query(sql`
    update customer set evaluated_at = greatest(evaluated_at, ${now})
      where workspace_id = ${db.workspaceId} and id = any(${[separation.from, separation.survivor]})`);
  return separation;
}

/** Finds pairs whose merge was undone. Only `alias` merges them again, not names in one event. */
export async function findSeparated(db: Transaction, ids: string[]) {
  const { rows } = await db.query<{ a: string; b: string }>(sql`
    select coalesce(a.merged_into, a.id) as a, coalesce(b.merged_into, b.id) as b
    from customer_merge m
    join customer a on a.workspace_id = ${db.workspaceId} and a.id = m.from_customer_id
    join customer b on b.workspace_id = ${db.workspaceId} and b.id = m.into_customer_id
    where m.workspace_id = ${db.workspaceId} and m.undone_at is not null
      and (m.from_customer_id = any(${ids}::uuid[]) or m.into_customer_id = any(${ids}::uuid[])
        or a.merged_into = any(${ids}::uuid[]) or b.merged_into = any(${ids}::uuid[]))`);
  return new Set(rows.map(({ a, b }) => pairKey(a, b)));
}

export const pairKey = (a: string, b: string) => (a < b ? `${a}/${b}` : `${b}/${a}`);
