import type { WorkspaceSettings } from '../../access/workspaces.ts';
import type { Transaction } from '../../platform/database.ts';
import { recomputeFacts } from '../customers/recompute-facts.ts';
import { reinterpretShared } from '../records/reinterpret-records.ts';

/** Computes the facts of customers from their events, after a merge or its undoing has changed whose events they are. */
export async function rebuildCustomers(
  db: Transaction,
  ids: string[],
  { currency, timeZone }: WorkspaceSettings,
): Promise<void> {
  await reinterpretShared(db, ids, currency);
  await recomputeFacts(db, ids, timeZone);
}
