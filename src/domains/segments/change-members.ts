import type { NewChange } from '../../engine/changes/kinds.ts';
import { changeByHand, effectiveAt } from '../../engine/evaluation/change-by-hand.ts';
import type { StoredCustomer } from '../../engine/evaluation/evaluate-customers.ts';
import type { Database, Sql } from '../../platform/database.ts';
import { InvalidInput } from '../../platform/errors.ts';
import { lockWorkspace } from '../../platform/workspace-lock.ts';
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
export const changeMembers = (
  database: Database,
  workspaceId: string,
  request: MembersRequest,
  now: Date,
): Promise<{ changed: ReadonlySet<string> }> =>
  database.inWorkspace(workspaceId, async (sql) => {
    lockWorkspace(sql, workspaceId);
    const segment = await loadSegment(sql, workspaceId, request.segmentId);
    if (segment.filter) {
      throw new InvalidInput(`The members of ${segment.key} are determined by its filter.`);
    }
    const customerIds = [...new Set(request.customerIds)];
    const { change } = request;
    const apply = async (customers: readonly StoredCustomer[]) => {
      const changes = await storeMembers(sql, workspaceId, { change, segment, customers, now });
      return { changed: new Set(changes.map(({ customerId }) => customerId)), changes };
    };
    return changeByHand(sql, workspaceId, { customerIds, now }, apply);
  });

interface StoreOptions {
  change: MembersRequest['change'];
  segment: SegmentDefinition;
  customers: readonly StoredCustomer[];
  now: Date;
}

/** Writes the memberships and returns their changes. */
async function storeMembers(
  sql: Sql,
  workspaceId: string,
  { change, segment, customers, now }: StoreOptions,
): Promise<NewChange[]> {
  const at = customers.map((customer) => effectiveAt(customer, now));
  const { rows } = await sql.query<{ id: string; at: Date }>(statements[change], [
    workspaceId,
    segment.id,
    customers.map(({ id }) => id),
    at,
  ]);
  const trigger = { cause: 'MANUAL' as const, event: null, late: false };
  const data = { segment: segment.id, version: segment.latestVersion, ...trigger };
  const kind = change === 'ADD' ? 'SEGMENT_ENTERED' : 'SEGMENT_LEFT';
  return rows.map((row) => ({ kind, customerId: row.id, at: row.at, data }));
}

const statements = {
  ADD: `
    insert into segment_member (workspace_id, segment_id, customer_id, since)
    select $1, $2, * from unnest($3::uuid[], $4::timestamptz[])
    on conflict (workspace_id, segment_id, customer_id) do nothing
    returning customer_id as id, since as at`,
  REMOVE: `
    delete from segment_member m using unnest($3::uuid[], $4::timestamptz[]) as removed (id, at)
    where m.workspace_id = $1 and m.segment_id = $2 and m.customer_id = removed.id
    returning removed.id, removed.at`,
} as const satisfies Record<MembersRequest['change'], string>;
