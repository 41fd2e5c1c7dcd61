import type { Transaction } from '../../platform/database.ts';
import { sql } from '../../platform/sql.ts';
import type { NewChange, ReleasedPlacements } from '../changes/kinds.ts';
import { ruleSetKinds } from './definitions.ts';
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
  db.send(sql`delete from build_place where ${ofCustomer} and customer_id = ${merge.from}`);
  db.send(sql`update customer set due_at = null where ${ofCustomer} and id = ${merge.from}`);
  return { released, changes: resulting };
}

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
