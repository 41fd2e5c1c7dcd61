import { randomUUID } from 'node:crypto';
import { createLifecycleFromTemplate } from '../src/domains/lifecycles/create-lifecycle.ts';
import { lifecycleTemplates } from '../src/domains/lifecycles/templates/lifecycle-templates.ts';
import type { Filter } from '../src/engine/conditions/filter.ts';
import { bumpRulesVersion, lockRulesExclusive } from '../src/platform/workspace-lock.ts';
import { segmentFilters } from './rules.ts';
import type { BenchServer } from './server.ts';

/**
 * The segments and the five lifecycles in force in a workspace that has no customers yet: as they are left
 * by a build that had nobody to ask about.
 */
export const putRules = (
  { database }: BenchServer,
  workspaceId: string,
  segments: readonly Filter[] = segmentFilters,
): Promise<void> =>
  database.inWorkspace(workspaceId, async (sql) => {
    lockRulesExclusive(sql, workspaceId);
    await sql.query(
      `insert into segment (workspace_id, id, key, name, description, filter, created_at, updated_at)
       select $1, id, 'segment-' || number, 'Segment ' || number, '', filter, now(), now()
       from unnest($2::uuid[], $3::jsonb[]) with ordinality as s (id, filter, number)`,
      [
        workspaceId,
        segments.map(() => randomUUID()),
        segments.map((filter) => JSON.stringify(filter)),
      ],
    );
    const { rows } = await sql.query<{ key: string }>(
      'select key from lifecycle where workspace_id = $1',
      [workspaceId],
    );
    const present = new Set(rows.map(({ key }) => key));
    for (const template of Object.values(lifecycleTemplates)) {
      if (present.has(template.key)) continue;
      await createLifecycleFromTemplate(sql, workspaceId, template, { isDefault: false });
    }
    bumpRulesVersion(sql, workspaceId);
  });
