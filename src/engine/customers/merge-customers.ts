import type { Sql } from '../../platform/database.ts';
import { NotFound } from '../../platform/errors.ts';
import { recomputeFacts } from './recompute-facts.ts';

export interface MergeRequest {
  id: string;
  from: string;
  into: string;
  at: Date;
  eventId: string | null;
  timeZone: string;
}

/**
 * Makes two customers one: a reversible link, no event is rewritten. Both histories are kept, the facts
 * of the survivor are rebuilt, its story goes on from the later of the two.
 * Decision 0002.
 */
export async function mergeCustomers(sql: Sql, workspaceId: string, merge: MergeRequest) {
  const { id, from, into, at, eventId } = merge;
  await sql.query(
    `insert into customer_merge (workspace_id, id, from_customer_id, into_customer_id, at, event_id)
     values ($1, $2, $3, $4, $5, $6)`,
    [workspaceId, id, from, into, at, eventId],
  );
  await sql.query(
    `update customer set merged_into = $3 where workspace_id = $1 and (id = $2 or merged_into = $2)`,
    [workspaceId, from, into],
  );
  await sql.query(`update customer set evaluated_at = $3 where workspace_id = $1 and id = $2`, [
    workspaceId,
    into,
    at,
  ]);
  await recomputeFacts(sql, workspaceId, [into], merge.timeZone);
}

/** Two customers that were one, apart again. */
export interface Separation {
  /** The customer that was merged away. */
  from: string;
  /** The one it was merged into, and what that one is part of today. */
  into: string;
  survivor: string;
}

/** Takes a merge back: whatever came in under either's names since falls to the one it belongs to. */
export async function separateCustomers(
  sql: Sql,
  workspaceId: string,
  request: { mergeId: string; now: Date; timeZone: string },
): Promise<Separation> {
  const { mergeId, now, timeZone } = request;
  const { rows } = await sql.query<Separation>(undoMerge, [workspaceId, mergeId, now]);
  const [apart] = rows;
  if (!apart) throw new NotFound('merge that is still in force');
  await sql.query(releaseMembers, [workspaceId, apart.from]);
  await sql.query(
    'update customer set evaluated_at = greatest(evaluated_at, $3) where workspace_id = $1 and id = any($2)',
    [workspaceId, [apart.from, apart.survivor], now],
  );
  await recomputeFacts(sql, workspaceId, [apart.from, apart.survivor], timeZone);
  return apart;
}

const undoMerge = `
  update customer_merge m set undone_at = $3
  from customer c
  where m.workspace_id = $1 and m.id = $2 and m.undone_at is null
    and c.workspace_id = $1 and c.id = m.from_customer_id
  returning m.from_customer_id as "from", m.into_customer_id as "into", c.merged_into as survivor`;

/** Those merged into the released customer before belong to it again; the tree of merges tells. */
const releaseMembers = `
  with recursive released as (
    select $2::uuid as id
    union
    select m.from_customer_id
    from customer_merge m
    join released on m.into_customer_id = released.id
    where m.workspace_id = $1 and m.undone_at is null
  )
  update customer set merged_into = nullif($2::uuid, customer.id)
  from released
  where customer.workspace_id = $1 and customer.id = released.id`;

/** Pairs that somebody has taken apart: names seen together do not join them again, only `alias` does. */
export async function findSeparated(sql: Sql, workspaceId: string, ids: string[]) {
  const { rows } = await sql.query<{ a: string; b: string }>(
    `select coalesce(a.merged_into, a.id) as a, coalesce(b.merged_into, b.id) as b
     from customer_merge m
     join customer a on a.workspace_id = $1 and a.id = m.from_customer_id
     join customer b on b.workspace_id = $1 and b.id = m.into_customer_id
     where m.workspace_id = $1 and m.undone_at is not null
       and (m.from_customer_id = any($2::uuid[]) or m.into_customer_id = any($2::uuid[])
         or a.merged_into = any($2::uuid[]) or b.merged_into = any($2::uuid[]))`,
    [workspaceId, ids],
  );
  return new Set(rows.map(({ a, b }) => pairKey(a, b)));
}

export const pairKey = (a: string, b: string) => (a < b ? `${a}/${b}` : `${b}/${a}`);
