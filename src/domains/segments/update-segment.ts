import { startBuild } from '../../engine/builds/start-build.ts';
import type { Filter } from '../../engine/conditions/filter.ts';
import { assignOwner, type Owner, requireOwners } from '../../members/owner.ts';
import type { Transaction } from '../../platform/database.ts';
import { InvalidInput } from '../../platform/errors.ts';
import { emptySql, sql } from '../../platform/sql.ts';
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
export async function updateSegment(
  db: Transaction,
  { segmentId, update }: { segmentId: string; update: SegmentUpdate },
  now: Date,
): Promise<void> {
  const { owner, filter } = update;
  const name = update.name === undefined ? undefined : parseLabel(update.name, 'name');
  const description =
    update.description === undefined
      ? undefined
      : parseDescription(update.description, 'description');
  const tags = update.tags && parseTags(update.tags);
  lockRulesExclusive(db);
  if (owner) await requireOwners(db, [owner]);
  if (filter) await changeFilter(db, { segmentId, filter, now });
  else await loadSegment(db, segmentId);
  await db.query(sql`
    update segment set name = coalesce(${name ?? null}, name),
      description = coalesce(${description ?? null}, description),
      tags = coalesce(${tags ?? null}::text[], tags), ${owner ? assignOwner(owner) : emptySql}
      updated_at = ${now}
    where workspace_id = ${db.workspaceId} and id = ${segmentId}`);
  bumpRulesVersion(db);
}

async function changeFilter(
  db: Transaction,
  { segmentId, filter, now }: { segmentId: string; filter: Filter; now: Date },
) {
  const segment = await loadSegment(db, segmentId);
  if (!segment.filter) {
    throw new InvalidInput(
      `${segment.key} is a manual list and cannot have a filter. Create another segment.`,
    );
  }
  if (await isSameFilter(db, segmentId, filter)) return;
  await checkFilter(db, { id: segmentId, key: segment.key, filter });
  const build = { version: segment.latestVersion + 1, definition: { filter }, now };
  await startBuild(db, { kind: segmentSubject.kind, id: segmentId }, build);
}
