import type { Evidence, EvidenceQuery } from '../../../engine/conditions/filter-clause.ts';
import { isSameKey } from '../../../engine/conditions/named.ts';
import { familyOf } from '../../../engine/customers/family.ts';
import { sql } from '../../../platform/sql.ts';
import type { NamedLifecycle } from './lifecycle-vocabulary.ts';

interface NamedStages {
  lifecycle: NamedLifecycle;
  in?: string[] | undefined;
  notIn?: string[] | undefined;
}

/** The present stage, and the event that moved the customer into one of the named stages, if it is or was there. */
export async function stageEvidence(
  { lifecycle, in: among, notIn = [] }: NamedStages,
  query: EvidenceQuery,
): Promise<Partial<Evidence>> {
  const placement = query.placements.get(lifecycle.id);
  const actual = placement
    ? { stage: placement.stageKey, since: new Date(placement.since).toISOString() }
    : null;
  const isThere = query.holds === (among !== undefined);
  return { actual, eventIds: isThere ? await findEntry(lifecycle, among ?? notIn, query) : [] };
}

/** The event of the latest move into one of the stages; none if time or a user made the move. */
async function findEntry(
  { id, stages }: NamedLifecycle,
  keys: string[],
  { db, customerId, at }: EvidenceQuery,
): Promise<string[]> {
  const named = stages.filter((stage) => keys.some((key) => isSameKey(key, stage)));
  const { rows } = await db.query<{ eventId: string | null }>(sql`
    select m.event_id as "eventId"
    from ${familyOf(db.workspaceId, sql`${customerId}::uuid`)} as member
    join transition m on m.workspace_id = ${db.workspaceId}::uuid and m.customer_id = member.id
    where m.lifecycle_id = ${id}::uuid and m.to_stage = any(${named}::text[])
      and m.at <= ${at}::timestamptz
    order by m.at desc, m.position desc limit 1`);
  return rows.flatMap(({ eventId }) => eventId ?? []);
}
