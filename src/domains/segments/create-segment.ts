import { v7 as uuidv7 } from 'uuid';
import { startBuild } from '../../engine/builds/start-build.ts';
import type { Filter } from '../../engine/conditions/filter.ts';
import { type Owner, requireOwners } from '../../members/owner.ts';
import type { Transaction } from '../../platform/database.ts';
import { InvalidInput } from '../../platform/errors.ts';
import { sql } from '../../platform/sql.ts';
import { bumpRulesVersion, lockRulesExclusive } from '../../platform/workspace-lock.ts';
import { parseDescription, parseKey, parseLabel } from '../lifecycles/parse-stages.ts';
import { segmentSubject } from './activate-filter.ts';
import { checkFilter } from './check-filter.ts';
import { keyFromName, parseTags, uniqueKey } from './parse-segment.ts';

export interface SegmentRequest {
  /** Derived from the name when undefined. */
  key: string | undefined;
  name: string;
  description: string;
  tags: readonly string[];
  owner: Owner;
  /** Null for a manual list. */
  filter: Filter | null;
}

/**
 * Creates a segment. It is empty at first: a background build finds the matching customers and makes them
 * members in one transaction.
 *
 * @throws InvalidInput, InvalidFilter, NotFound for an owner
 */
export async function createSegment(
  db: Transaction,
  request: SegmentRequest,
  { now, maxSegments }: { now: Date; maxSegments: number },
): Promise<{ segmentId: string }> {
  const name = parseLabel(request.name, 'name');
  const description = parseDescription(request.description, 'description');
  const tags = parseTags(request.tags);
  const requestedKey = request.key === undefined ? undefined : parseKey(request.key, 'key');
  lockRulesExclusive(db);
  const taken = await loadTakenKeys(db, maxSegments);
  const key = chooseKey(taken, requestedKey, name);
  const segment = { ...request, id: uuidv7(), key, name, description, tags };
  const { id, filter } = segment;
  await requireOwners(db, [request.owner]);
  if (filter) await checkFilter(db, { id, key, filter });
  await insertSegment(db, segment, now);
  if (filter) {
    const build = { version: 1, definition: { filter }, now };
    await startBuild(db, { kind: segmentSubject.kind, id }, build);
  }
  bumpRulesVersion(db);
  return { segmentId: id };
}

/** @throws InvalidInput when the limit is reached: every segment slows down ingestion */
async function loadTakenKeys(db: Transaction, maxSegments: number) {
  const { rows } = await db.query<{ key: string }>(sql`
    select upper(key) as key from segment where workspace_id = ${db.workspaceId}`);
  if (rows.length >= maxSegments) {
    throw new InvalidInput(
      `A workspace has at most ${maxSegments} segments. Delete one, or raise STAGELINE_SEGMENTS.`,
    );
  }
  return new Set(rows.map(({ key }) => key));
}

function chooseKey(taken: ReadonlySet<string>, requestedKey: string | undefined, name: string) {
  if (requestedKey === undefined) return uniqueKey(keyFromName(name), taken);
  if (!taken.has(requestedKey)) return requestedKey;
  throw new InvalidInput(`key: a segment with the key ${requestedKey} already exists.`);
}

type NewSegment = SegmentRequest & { id: string; key: string };

async function insertSegment(db: Transaction, segment: NewSegment, now: Date) {
  const { id, key, name, description, tags, owner, filter } = segment;
  await db.query(sql`
    insert into segment (workspace_id, id, key, name, description, tags, owner_member_id,
      owner_team_id, filter, version, created_at, updated_at)
    values (${db.workspaceId}, ${id}, ${key}, ${name}, ${description}, ${tags}, ${owner.memberId},
      ${owner.teamId}, ${filter && '{"any": []}'}, ${filter ? 0 : 1}, ${now}, ${now})`);
}
