import { randomUUID } from 'node:crypto';
import { createLifecycleFromTemplate } from '../src/domains/lifecycles/lifecycle-from-template.ts';
import { lifecycleTemplates } from '../src/domains/lifecycles/templates/lifecycle-templates.ts';
import type { Filter } from '../src/engine/conditions/filter.ts';
import { sql } from '../src/platform/sql.ts';
import { bumpRulesVersion, lockRulesExclusive } from '../src/platform/workspace-lock.ts';
import { segmentFilters } from './rules.ts';
import type { BenchServer } from './support/server.ts';

/**
 * Stores segments and the five template lifecycles in a workspace without customers, as a completed build would leave
 * them.
 */
export const storeActiveRules = (
  { database }: BenchServer,
  workspaceId: string,
  segments: readonly Filter[] = segmentFilters,
): Promise<void> =>
  database.inWorkspace(workspaceId, async (db) => {
    lockRulesExclusive(db);
    await db.query(sql`
      insert into segment (workspace_id, id, key, name, description, filter, created_at, updated_at)
      select ${workspaceId}, id, 'segment-' || number, 'Segment ' || number, '', filter, now(), now()
      from unnest(${segments.map(() => randomUUID())}::uuid[],
        ${segments.map((filter) => JSON.stringify(filter))}::jsonb[]) with ordinality as s (id, filter,
          number)`);
    const { rows } = await db.query<{ key: string }>(sql`
      select key from lifecycle where workspace_id = ${workspaceId}`);
    const present = new Set(rows.map(({ key }) => key));
    for (const template of Object.values(lifecycleTemplates)) {
      if (present.has(template.key)) continue;
      await createLifecycleFromTemplate(db, template, { isDefault: false });
    }
    bumpRulesVersion(db);
  });
