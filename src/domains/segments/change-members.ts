import type { NewChange } from '../../engine/changes/kinds.ts';
import { changeByHand, effectiveAt } from '../../engine/evaluation/change-by-hand.ts';
import type { StoredCustomer } from '../../engine/evaluation/evaluate-customers.ts';
import type { Transaction } from '../../platform/database.ts';
import { InvalidInput } from '../../platform/errors.ts';
import { type RowColumns, sql, unnestRows } from '../../platform/sql.ts';
import { lockWorkspace } from '../../platform/workspace-lock.ts';
import { addEntries, removeEntries } from './list-entries.ts';
import { loadSegment, type SegmentDefinition } from './load-segment.ts';

export interface MembersRequest {
  segmentId: string;
  change: 'ADD' | 'REMOVE';
  customerIds: readonly string[];
}

/**
 * Adds customers to a manual list or removes them, and evaluates what depends on the list. Returns the
 * customers whose membership changed.
 *
 * @throws NotFound; InvalidInput for a segment with a filter
 */
export async function changeMembers(
  db: Transaction,
  { segmentId, change, ...request }: MembersRequest,
  now: Date,
): Promise<{ changed: ReadonlySet<string> }> {
  lockWorkspace(db);
  const segment = await loadSegment(db, segmentId);
  if (segment.filter) {
    throw new InvalidInput(`The members of ${segment.key} are determined by its filter.`);
  }
  const customerIds = [...new Set(request.customerIds)];
  return changeByHand(db, { customerIds, now }, async (customers) => {
    const changes = await storeMembers(db, { change, segment, customers, now });
    return { changed: new Set(changes.map(({ customerId }) => customerId)), changes };
  });
}

interface StoreOptions {
  change: MembersRequest['change'];
  segment: SegmentDefinition;
  customers: readonly StoredCustomer[];
  now: Date;
}

/** Writes the memberships and returns their changes. */
async function storeMembers(
  db: Transaction,
  { change, segment, customers, now }: StoreOptions,
): Promise<NewChange[]> {
  const members = customers.map((customer) => ({
    customerId: customer.id,
    at: effectiveAt(customer, now),
  }));
  const [changeEntries, store] =
    change === 'ADD' ? [addEntries, insertMembers] : [removeEntries, deleteMembers];
  const ids = customers.map(({ id }) => id);
  changeEntries(db, segment.id, ids);
  const { rows } = await db.query<{ id: string; at: Date }>(store(db, segment.id, members));
  const trigger = { cause: 'MANUAL' as const, event: null, late: false };
  const data = { segment: segment.id, version: segment.latestVersion, ...trigger };
  const kind = change === 'ADD' ? 'SEGMENT_ENTERED' : 'SEGMENT_LEFT';
  return rows.map((row) => ({ kind, customerId: row.id, at: row.at, data }));
}

type Member = { customerId: string; at: Date };

const memberColumns: RowColumns<Member> = {
  customer_id: ['uuid', ({ customerId }) => customerId],
  at: ['timestamptz', ({ at }) => at],
};

const insertMembers = (db: Transaction, segmentId: string, members: readonly Member[]) => sql`
  insert into segment_member (workspace_id, segment_id, customer_id, since)
  select ${db.workspaceId}, ${segmentId}, * from ${unnestRows('row', members, memberColumns)}
  on conflict (workspace_id, segment_id, customer_id) do nothing
  returning customer_id as id, since as at`;

const deleteMembers = (db: Transaction, segmentId: string, members: readonly Member[]) => sql`
  delete from segment_member m using ${unnestRows('removed', members, memberColumns)}
  where m.workspace_id = ${db.workspaceId} and m.segment_id = ${segmentId}
    and m.customer_id = removed.customer_id
  returning m.customer_id as id, removed.at`;
