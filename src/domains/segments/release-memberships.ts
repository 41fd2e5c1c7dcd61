import type { NewChange } from '../../engine/changes/kinds.ts';
import type { CustomerMerge, ReleaseResult } from '../../engine/evaluation/rule-set-kind.ts';
import type { Transaction } from '../../platform/database.ts';
import { sql } from '../../platform/sql.ts';

/**
 * Ends the memberships of a customer that was merged into another one. On lists kept by hand the other one
 * takes its place.
 */
export async function releaseMemberships(
  db: Transaction,
  { from, into, at, eventId, late }: CustomerMerge,
): Promise<ReleaseResult> {
  const { rows } = await db.query<{ segment: string; version: number | null }>(sql`
    with removed as (
      delete from segment_member where workspace_id = ${db.workspaceId} and customer_id = ${from}
      returning segment_id, since
    ), listed as (
      insert into segment_member (workspace_id, segment_id, customer_id, since)
      select ${db.workspaceId}, removed.segment_id, ${into}, removed.since
      from removed join segment s on s.workspace_id = ${db.workspaceId} and s.id = removed.segment_id
      where s.filter is null
      on conflict (workspace_id, segment_id, customer_id) do nothing
      returning segment_id
    )
    select removed.segment_id as segment, s.version
    from removed
    left join listed on listed.segment_id = removed.segment_id
    left join segment s on s.workspace_id = ${db.workspaceId} and s.id = listed.segment_id`);
  const evidence = { cause: 'MERGE', event: eventId, late } as const;
  const changes = rows.flatMap(({ segment, version }): NewChange[] => {
    if (version === null) return [];
    const data = { segment, version, ...evidence };
    return [{ kind: 'SEGMENT_ENTERED', customerId: into, at, data }];
  });
  return { released: { segments: rows.map(({ segment }) => segment) }, changes };
}
