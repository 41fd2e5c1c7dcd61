import type { WorkspaceSettings } from '../../access/workspaces.ts';
import type { Transaction } from '../../platform/database.ts';
import type { Rules } from '../evaluation/rules.ts';

/** The context of all steps of one transaction. */
export interface Batch {
  db: Transaction;
  settings: WorkspaceSettings;
  rules: Rules;
}
