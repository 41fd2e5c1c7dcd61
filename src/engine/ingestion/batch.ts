import type { WorkspaceSettings } from '../../access/workspaces.ts';
import type { Transaction } from '../../platform/database.ts';
import type { Rules } from '../evaluation/rules.ts';

/** What the steps of one transaction share. */
export interface Batch {
  db: Transaction;
  settings: WorkspaceSettings;
  rules: Rules;
}
