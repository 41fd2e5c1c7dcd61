import type { WorkspaceSettings } from '../../access/workspaces.ts';
import type { Sql } from '../../platform/database.ts';
import type { Rules } from '../evaluation/rules.ts';

/** What the steps of one transaction share. */
export interface Batch {
  sql: Sql;
  workspaceId: string;
  settings: WorkspaceSettings;
  rules: Rules;
}
