import type { Sql } from '../../platform/database.ts';

/** Where a customer was that is now part of another one. */
export interface LeftStanding {
  /** Stage keys by lifecycle. */
  places: Record<string, string>;
  /** Segments it was a member of, lists kept by hand included. */
  segments: string[];
  /** The band its risk was in, if it was assessed, and whether it was flagged. */
  risk?: { band: string; flagged: boolean };
}

/** A list kept by hand on which the survivor is for the first time. */
export interface TakenList {
  segment: string;
  version: number;
}

/**
 * A customer that was merged into another one stands nowhere by itself. The lists it was on by hand take
 * the survivor instead.
 */
export async function removeStanding(
  sql: Sql,
  workspaceId: string,
  { from, into }: { from: string; into: string },
): Promise<{ left: LeftStanding; lists: TakenList[] }> {
  const { rows: places } = await sql.query<{ id: string; stage: string }>(
    `delete from customer_stage where workspace_id = $1 and customer_id = $2
     returning lifecycle_id as id, stage_key as stage`,
    [workspaceId, from],
  );
  const { rows: segments } = await sql.query<{ id: string; version: number | null }>(
    removeMemberships,
    [workspaceId, from, into],
  );
  const { rows: risks } = await sql.query<{ band: string; flagged: boolean }>(
    `delete from customer_risk where workspace_id = $1 and customer_id = $2
     returning band, flagged_since is not null as flagged`,
    [workspaceId, from],
  );
  const [risk] = risks;
  sql.send('delete from build_place where workspace_id = $1 and customer_id = $2', [
    workspaceId,
    from,
  ]);
  sql.send('update customer set due_at = null where workspace_id = $1 and id = $2', [
    workspaceId,
    from,
  ]);
  return {
    left: {
      places: Object.fromEntries(places.map(({ id, stage }) => [id, stage])),
      segments: segments.map(({ id }) => id),
      ...(risk && { risk }),
    },
    lists: segments.flatMap(({ id, version }) =>
      version === null ? [] : [{ segment: id, version }],
    ),
  };
}

const removeMemberships = `
  with removed as (
    delete from segment_member where workspace_id = $1 and customer_id = $2
    returning segment_id, since
  ), kept as (
    insert into segment_member (workspace_id, segment_id, customer_id, since)
    select $1, removed.segment_id, $3, removed.since
    from removed join segment s on s.workspace_id = $1 and s.id = removed.segment_id
    where s.filter is null
    on conflict (workspace_id, segment_id, customer_id) do nothing
    returning segment_id
  )
  select removed.segment_id as id, s.version
  from removed
  left join kept on kept.segment_id = removed.segment_id
  left join segment s on s.workspace_id = $1 and s.id = kept.segment_id`;
