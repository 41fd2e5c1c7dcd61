import type { Sql } from '../../platform/database.ts';
import type { NewChange, ReleasedPlacements } from '../changes/kinds.ts';
import { ruleSetKinds } from './definitions.ts';
import type { CustomerMerge } from './rule-set-kind.ts';

/**
 * Removes all placements of a customer that was merged into another one. Returns them as the log records
 * them, with the changes that follow for the other customer.
 */
export async function releasePlacements(
  sql: Sql,
  workspaceId: string,
  merge: CustomerMerge,
): Promise<{ released: ReleasedPlacements; changes: NewChange[] }> {
  const released: ReleasedPlacements = {};
  const followed: NewChange[] = [];
  for (const kind of ruleSetKinds()) {
    const result = await kind.release(sql, workspaceId, merge);
    Object.assign(released, result.released);
    followed.push(...(result.changes ?? []));
  }
  const ids = [workspaceId, merge.from];
  sql.send('delete from build_place where workspace_id = $1 and customer_id = $2', ids);
  sql.send('update customer set due_at = null where workspace_id = $1 and id = $2', ids);
  return { released, changes: followed };
}
