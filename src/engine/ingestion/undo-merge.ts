import { loadWorkspaceSettings } from '../../access/workspaces.ts';
import type { Database } from '../../platform/database.ts';
import { lockWorkspace } from '../../platform/workspace-lock.ts';
import type { NewChange } from '../changes/kinds.ts';
import { separateCustomers } from '../customers/merge-customers.ts';
import { recordChanges } from '../evaluation/record-changes.ts';
import { restorePlacements } from '../evaluation/release-placements.ts';
import { loadRules } from '../evaluation/rules.ts';
import { evaluateRebuilt } from './apply-merge.ts';
import { rebuildCustomers } from './rebuild-customers.ts';

/**
 * Undoes a merge: recomputes both customers from their own events and evaluates them at `now`. Names in one event do
 * not merge them again.
 *
 * @throws NotFound if the merge does not exist or was undone before
 */
export const undoMerge = (database: Database, workspaceId: string, mergeId: string, now: Date) =>
  database.inWorkspace(workspaceId, async (db) => {
    lockWorkspace(db);
    const settings = await loadWorkspaceSettings(db);
    const rules = await loadRules(db);
    const { from, into, survivor } = await separateCustomers(db, { mergeId, now });
    await rebuildCustomers(db, [from, survivor], settings);
    const data = { merge: mergeId, from, into };
    const separated: NewChange = { kind: 'CUSTOMER_UNMERGED', customerId: survivor, at: now, data };
    const restored = await restorePlacements(db, { mergeId, from, survivor, at: now });
    const trigger = { at: now, late: false, cause: 'UNMERGE', eventId: null } as const;
    const moves = await evaluateRebuilt({ db, rules }, [survivor, from], trigger);
    recordChanges(db, rules, [separated, ...restored, ...moves], now);
    return { customerId: from };
  });
