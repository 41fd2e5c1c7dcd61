import type { Sql } from '../platform/database.ts';
import { type Places, placeKey, type Transition } from './evaluate.ts';

/** Where these customers are now. */
export async function loadPlaces(sql: Sql, workspaceId: string, ids: string[]): Promise<Places> {
  if (ids.length === 0) return new Map();
  const { rows } = await sql.query<{ customer: string; lifecycle: string; stage: string }>(
    `select customer_id as customer, lifecycle_id as lifecycle, stage_key as stage
     from customer_stage where workspace_id = $1 and customer_id = any($2::uuid[])`,
    [workspaceId, ids],
  );
  return new Map(rows.map((row) => [placeKey(row.customer, row.lifecycle), row.stage]));
}

/** Stores where the transitions have led; of several of one customer the last one counts. */
export async function storePlaces(sql: Sql, workspaceId: string, transitions: Transition[]) {
  if (transitions.length === 0) return;
  const last = new Map(
    transitions.map((move) => [placeKey(move.customerId, move.lifecycle.id), move]),
  );
  const rows = [...last.values()];
  await sql.query(
    `insert into customer_stage as place (workspace_id, customer_id, lifecycle_id, stage_key, since)
     select $1, * from unnest($2::uuid[], $3::uuid[], $4::text[], $5::timestamptz[])
     on conflict (workspace_id, customer_id, lifecycle_id) do update
       set stage_key = excluded.stage_key, since = excluded.since`,
    [
      workspaceId,
      rows.map(({ customerId }) => customerId),
      rows.map(({ lifecycle }) => lifecycle.id),
      rows.map(({ to }) => to.key),
      rows.map(({ at }) => at),
    ],
  );
}

/** Customers that were merged into others have no place of their own. */
export async function removePlaces(sql: Sql, workspaceId: string, ids: string[]) {
  await sql.query(
    'delete from customer_stage where workspace_id = $1 and customer_id = any($2::uuid[])',
    [workspaceId, ids],
  );
}
