import { type Sql, sql } from '../../platform/sql.ts';

/**
 * Whether the customer of the change `entry` was in a segment once that change was recorded: the last change
 * of its membership up to there is that it entered. A customer that is merged into another one leaves by that.
 */
export const wasMember = (workspaceId: string, segmentId: string): Sql => sql`
  coalesce((
    select last.kind = 'SEGMENT_ENTERED' and not exists (
      select from customer_merge m
      where m.workspace_id = ${workspaceId}::uuid and m.from_customer_id = entry.customer_id
        and m.at >= last.at and m.at <= entry.at)
    from change last
    where last.workspace_id = ${workspaceId}::uuid and last.customer_id = entry.customer_id
      and last.position <= entry.position and last.kind in ('SEGMENT_ENTERED', 'SEGMENT_LEFT')
      and last.data ->> 'segment' = ${segmentId}::text
    order by last.position desc limit 1), false)`;
