import type { TopicLookup } from '../../engine/changes/topic.ts';
import { type Sql, sql, unnestRows } from '../../platform/sql.ts';

/**
 * Whether the customer of the change `entry` was in a segment once that change was recorded: the last change
 * of its membership up to there is that it entered. A customer that is merged into another one leaves by that.
 */
export const wasMember = (workspaceId: string, segmentId: string): Sql => sql`
  exists (
    select from ${membershipsOf(workspaceId)} as membership
    where membership.segment = ${segmentId}::text)`;

/** `member:<id>`: the segments of which the customer of a change was a member in the same sense. */
export const memberTopics: TopicLookup = {
  name: 'member',
  async load(db, changes) {
    const entries = unnestRows('entry', changes, {
      position: ['bigint', ({ position }) => String(position)],
      customer_id: ['uuid', ({ customerId }) => customerId],
    });
    const { rows } = await db.query<{ position: string; value: string }>(sql`
      select entry.position::text, membership.segment as value
      from ${entries} cross join lateral ${membershipsOf(db.workspaceId)} as membership`);
    return rows.map(({ position, value }) => ({ position: BigInt(position), value }));
  },
};

/** The ids of the segments in which the customer of `entry` was. */
const membershipsOf = (workspaceId: string): Sql => sql`(
  select last.segment from (
    select distinct on (changed.data ->> 'segment')
      changed.data ->> 'segment' as segment, changed.kind, changed.position
    from change changed
    where changed.workspace_id = ${workspaceId}::uuid and changed.customer_id = entry.customer_id
      and changed.position <= entry.position and changed.kind in ('SEGMENT_ENTERED', 'SEGMENT_LEFT')
    order by changed.data ->> 'segment', changed.position desc
  ) as last
  where last.kind = 'SEGMENT_ENTERED' and not exists (
    select from customer_merge m join change merged
      on merged.workspace_id = ${workspaceId}::uuid and merged.customer_id = m.into_customer_id
        and merged.kind = 'CUSTOMER_MERGED' and merged.data ->> 'merge' = m.id::text
    where m.workspace_id = ${workspaceId}::uuid and m.from_customer_id = entry.customer_id
      -- Not by time: a merge may be caused by an event that is older than the membership.
      and merged.position > last.position and merged.position <= entry.position))`;
