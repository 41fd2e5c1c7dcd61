import type { NewChange } from '../../engine/changes/kinds.ts';
import {
  evaluateCustomers,
  lockCustomers,
  type StoredCustomer,
} from '../../engine/evaluation/evaluate-customers.ts';
import { recordChanges } from '../../engine/evaluation/record-changes.ts';
import { loadRules } from '../../engine/evaluation/rules.ts';
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
 * Puts customers on a list kept by hand or takes them off it, once what had fallen due before is done;
 * whatever depends on the list follows. Answers whose membership has changed.
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
      throw new InvalidInput(`The filter of ${segment.key} decides alone who is a member.`);
    }
    const ids = [...new Set(request.customerIds)];
    const rules = await loadRules(sql, workspaceId);
    const due = await lockCustomers(sql, workspaceId, ids);
    const changes = await evaluateCustomers(sql, workspaceId, due, { horizon: now, rules });
    const customers = await lockCustomers(sql, workspaceId, ids);
    const stored = await storeMembers(sql, workspaceId, { ...request, segment, customers, now });
    const changed = new Set(stored.map(({ customerId }) => customerId));
    const touched = customers.filter(({ id }) => changed.has(id));
    const occasion = { at: now, cause: 'MANUAL' as const, eventId: null, late: false };
    const followUps = await evaluateCustomers(sql, workspaceId, touched, { occasion, rules });
    recordChanges(sql, workspaceId, rules, [...changes, ...stored, ...followUps], now);
    return { changed };
  });

interface StoreOptions {
  change: MembersRequest['change'];
  segment: SegmentDefinition;
  customers: readonly StoredCustomer[];
  now: Date;
}

/** Writes the list; a customer's story never goes back, not even by hand. */
async function storeMembers(
  sql: Sql,
  workspaceId: string,
  { change, segment, customers, now }: StoreOptions,
): Promise<NewChange[]> {
  const at = customers.map(
    ({ evaluatedAt }) => new Date(Math.max(now.getTime(), evaluatedAt.getTime())),
  );
  const { rows } = await sql.query<{ id: string; at: Date }>(statements[change], [
    workspaceId,
    segment.id,
    customers.map(({ id }) => id),
    at,
  ]);
  const why = { cause: 'MANUAL' as const, event: null, late: false };
  const data = { segment: segment.id, version: segment.latestVersion, ...why };
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
    delete from segment_member m using unnest($3::uuid[], $4::timestamptz[]) as gone (id, at)
    where m.workspace_id = $1 and m.segment_id = $2 and m.customer_id = gone.id
    returning gone.id, gone.at`,
} as const satisfies Record<MembersRequest['change'], string>;
