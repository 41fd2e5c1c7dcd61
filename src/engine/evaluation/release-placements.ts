import type { Transaction } from '../../platform/database.ts';
import { sql } from '../../platform/sql.ts';
import type { NewChange, ReleasedPlacements } from '../changes/kinds.ts';
import { ruleSetKinds } from './definitions.ts';
import { latestLeavings } from './latest-leavings.ts';
import type { CustomerMerge, CustomerSeparation } from './rule-set-kind.ts';

/**
 * Removes all placements of a customer that was merged into another one. Returns them for the change log, with the
 * resulting changes for the other customer.
 */
export async function releasePlacements(
  db: Transaction,
  merge: CustomerMerge,
): Promise<{ released: ReleasedPlacements; changes: NewChange[] }> {
  const released: ReleasedPlacements = {};
  const resulting: NewChange[] = [];
  for (const kind of ruleSetKinds()) {
    const result = await kind.release(db, merge);
    Object.assign(released, result.released);
    resulting.push(...(result.changes ?? []));
  }
  const ofCustomer = sql`workspace_id = ${db.workspaceId}`;
  db.send(addLeavings(db.workspaceId, merge));
  db.send(sql`delete from build_place where ${ofCustomer} and customer_id = ${merge.from}`);
  db.send(sql`update customer set due_at = null where ${ofCustomer} and id = ${merge.from}`);
  return { released, changes: resulting };
}

/** Adds the stages of the merged customer in running builds to the past of the other one. */
const addLeavings = (workspaceId: string, { from, into, at }: CustomerMerge) => sql`
  update build_place own
    set left_at = ${latestLeavings(sql`own.left_at`, sql`merged.left_at || jsonb_build_object(merged.stage_key, ${at}::timestamptz)`)}
    from build_place merged
    where own.workspace_id = ${workspaceId} and own.customer_id = ${into}
      and merged.workspace_id = ${workspaceId} and merged.customer_id = ${from}
      and merged.build_id = own.build_id`;

/** Restores what two customers had of their own before they were merged. Returns the resulting changes. */
export async function restorePlacements(
  db: Transaction,
  separation: CustomerSeparation,
): Promise<NewChange[]> {
  const changes: NewChange[] = [];
  for (const kind of ruleSetKinds()) {
    changes.push(...((await kind.restore?.(db, separation)) ?? []));
  }
  return changes;
}
