import type { Transaction } from '../../platform/database.ts';
import { sql, unnestRows } from '../../platform/sql.ts';
import type { Change } from './kinds.ts';
import type { TopicLookup, TopicValue } from './topic.ts';

/**
 * `customer:<id>`: every id that the customer of a change has, or had at that time before a merge was undone. So a
 * subscription to any of them is delivered the change.
 */
export const familyTopics: TopicLookup = { name: 'customer', load: loadFamilies };

async function loadFamilies(db: Transaction, changes: readonly Change[]): Promise<TopicValue[]> {
  const entries = unnestRows('entry', changes, {
    position: ['bigint', ({ position }) => String(position)],
    customer_id: ['uuid', ({ customerId }) => customerId],
    recorded_at: ['timestamptz', ({ recordedAt }) => recordedAt],
  });
  const { rows } = await db.query<{ position: string; value: string }>(sql`
    with related as (
      select entry.position, entry.customer_id as id from ${entries}
      union
      select entry.position, partner.id from ${entries}
      join customer_merge m on m.workspace_id = ${db.workspaceId}::uuid
        and entry.customer_id in (m.from_customer_id, m.into_customer_id)
        and m.undone_at > entry.recorded_at
      -- Not by the time of the merge: that of a late event is before changes that were recorded earlier.
      join change merged on merged.workspace_id = ${db.workspaceId}::uuid
        and merged.customer_id = m.into_customer_id and merged.kind = 'CUSTOMER_MERGED'
        and merged.data ->> 'merge' = m.id::text and merged.position <= entry.position
      cross join lateral (values (m.from_customer_id), (m.into_customer_id)) as partner(id)
    ), survivor as (
      select distinct related.position, coalesce(c.merged_into, c.id) as id
      from related join customer c on c.workspace_id = ${db.workspaceId}::uuid and c.id = related.id
    )
    select position::text, id as value from survivor
    union all
    select survivor.position::text, c.id from survivor
    join customer c on c.workspace_id = ${db.workspaceId}::uuid and c.merged_into = survivor.id`);
  return rows.map(({ position, value }) => ({ position: BigInt(position), value }));
}
