import { startBuild } from '../../engine/builds/start-build.ts';
import type { Filter } from '../../engine/conditions/filter.ts';
import { type Owner, requireOwners } from '../../members/owner.ts';
import type { Database, Sql } from '../../platform/database.ts';
import { InvalidInput } from '../../platform/errors.ts';
import { bumpRulesVersion, lockRulesExclusive } from '../../platform/workspace-lock.ts';
import { parseDescription, parseLabel } from '../lifecycles/parse-stages.ts';
import { segmentSubject } from './activate-filter.ts';
import { checkFilter } from './check-filter.ts';
import { isSameFilter, loadSegment } from './load-segment.ts';
import { parseTags } from './parse-segment.ts';

/** The fields to change; undefined fields keep their values. */
export interface SegmentUpdate {
  name: string | undefined;
  description: string | undefined;
  tags: readonly string[] | undefined;
  owner: Owner | undefined;
  filter: Filter | undefined;
}

/**
 * Updates a segment. A new filter creates a new version: a background build evaluates it for all customers
 * while the old one stays active. Other fields change at once.
 *
 * @throws NotFound, InvalidInput, InvalidFilter
 */
export const updateSegment = (
  database: Database,
  workspaceId: string,
  segmentId: string,
  update: SegmentUpdate,
  now: Date,
): Promise<void> => {
  const { owner, filter } = update;
  const name = update.name === undefined ? undefined : parseLabel(update.name, 'name');
  const description =
    update.description === undefined
      ? undefined
      : parseDescription(update.description, 'description');
  const tags = update.tags && parseTags(update.tags);
  return database.inWorkspace(workspaceId, async (sql) => {
    lockRulesExclusive(sql, workspaceId);
    if (owner) await requireOwners(sql, workspaceId, [owner]);
    if (filter) await changeFilter(sql, workspaceId, { segmentId, filter, now });
    else await loadSegment(sql, workspaceId, segmentId);
    await sql.query(updateDetails, [
      workspaceId,
      segmentId,
      name ?? null,
      description ?? null,
      tags ?? null,
      owner !== undefined,
      owner?.memberId ?? null,
      owner?.teamId ?? null,
      now,
    ]);
    bumpRulesVersion(sql, workspaceId);
  });
};

const updateDetails = `
  update segment set name = coalesce($3, name), description = coalesce($4, description),
    tags = coalesce($5::text[], tags),
    owner_member_id = case when $6::boolean then $7::uuid else owner_member_id end,
    owner_team_id = case when $6::boolean then $8::uuid else owner_team_id end, updated_at = $9
  where workspace_id = $1 and id = $2`;

async function changeFilter(
  sql: Sql,
  workspaceId: string,
  { segmentId, filter, now }: { segmentId: string; filter: Filter; now: Date },
) {
  const segment = await loadSegment(sql, workspaceId, segmentId);
  if (!segment.filter) {
    throw new InvalidInput(
      `${segment.key} is a manual list and cannot have a filter. Create another segment.`,
    );
  }
  if (await isSameFilter(sql, workspaceId, segmentId, filter)) return;
  await checkFilter(sql, workspaceId, { id: segmentId, key: segment.key, filter });
  const build = { version: segment.latestVersion + 1, definition: { filter }, now };
  await startBuild(sql, workspaceId, { kind: segmentSubject.kind, id: segmentId }, build);
}
