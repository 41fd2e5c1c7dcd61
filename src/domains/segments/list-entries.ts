import type { NewChange } from '../../engine/changes/kinds.ts';
import { familyOf } from '../../engine/customers/family.ts';
import type { CustomerSeparation } from '../../engine/evaluation/rule-set-kind.ts';
import type { Transaction } from '../../platform/database.ts';
import { rawSql, sql } from '../../platform/sql.ts';

/*
 * An entry of a list belongs to the customer that was added by hand, also while that customer is merged into another
 * one. The members of the list follow from the entries: the survivors of all customers with an entry. Decision 0048.
 */

/** Stores that customers were added to a list by hand. */
export const addEntries = (db: Transaction, segmentId: string, customerIds: readonly string[]) =>
  db.send(sql`
    insert into list_entry (workspace_id, segment_id, customer_id)
    select ${db.workspaceId}, ${segmentId}, added.id from unnest(${customerIds}::uuid[]) as added (id)
    on conflict do nothing`);

/** Removes the entries of customers and of those merged into them: removing a customer means all of it. */
export const removeEntries = (db: Transaction, segmentId: string, customerIds: readonly string[]) =>
  db.send(sql`
    delete from list_entry l
    using unnest(${customerIds}::uuid[]) as removed (id)
      cross join lateral ${familyOf(db.workspaceId, rawSql('removed.id'))} as member
    where l.workspace_id = ${db.workspaceId} and l.segment_id = ${segmentId}
      and l.customer_id = member.id`);

/** Makes customers that were one again the members of the lists that each has an entry of. */
export async function restoreMemberships(
  db: Transaction,
  { from, survivor, at }: CustomerSeparation,
): Promise<NewChange[]> {
  const customerIds = [survivor, from];
  const { rows } = await db.query<{
    customerId: string;
    segment: string;
    version: number;
    isMember: boolean;
  }>(sql`
    with entitled as (
      select distinct owner.id as customer_id, l.segment_id
      from unnest(${customerIds}::uuid[]) as owner (id)
      cross join lateral ${familyOf(db.workspaceId, rawSql('owner.id'))} as member
      join list_entry l on l.workspace_id = ${db.workspaceId} and l.customer_id = member.id
    ), entered as (
      insert into segment_member (workspace_id, segment_id, customer_id, since)
      select ${db.workspaceId}, segment_id, customer_id, ${at} from entitled
      on conflict do nothing
      returning customer_id, segment_id, true as is_member
    ), departed as (
      delete from segment_member m using segment s
      where m.workspace_id = ${db.workspaceId} and m.customer_id = any(${customerIds}::uuid[])
        and s.workspace_id = m.workspace_id and s.id = m.segment_id and s.filter is null
        and not exists (select from entitled
          where entitled.customer_id = m.customer_id and entitled.segment_id = m.segment_id)
      returning m.customer_id, m.segment_id, false as is_member
    )
    select changed.customer_id as "customerId", s.id as segment, s.version, changed.is_member as "isMember"
    from (select * from entered union all select * from departed) as changed
    join segment s on s.workspace_id = ${db.workspaceId} and s.id = changed.segment_id
    order by s.key, changed.customer_id`);
  return rows.map(({ customerId, segment, version, isMember }) => ({
    kind: isMember ? 'SEGMENT_ENTERED' : 'SEGMENT_LEFT',
    customerId,
    at,
    data: { segment, version, cause: 'UNMERGE', event: null, late: false },
  }));
}
