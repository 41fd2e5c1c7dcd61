import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import { startBuild } from '../../src/engine/builds/start-build.ts';
import type { Filter } from '../../src/engine/conditions/filter.ts';
import { resolveFilter } from '../../src/engine/conditions/resolve.ts';
import { loadVocabulary } from '../../src/engine/conditions/vocabulary.ts';
import { conditionSql } from '../../src/engine/conditions/where.ts';
import { sql } from '../../src/platform/sql.ts';
import { bumpRulesVersion, lockRulesExclusive } from '../../src/platform/workspace-lock.ts';
import { ask, positionsTo, storedChanges } from './inspect.ts';
import { pollOptions } from './lock-ingestion.ts';
import type { TestServer, TestWorkspace } from './server.ts';

/** Starts a build: of a new segment, or of a new filter for an existing one. Returns the segment's id. */
export function startSegmentBuild(
  server: TestServer,
  { id: workspaceId }: TestWorkspace,
  filter: Filter,
  { segmentId = String(randomUUID()), version = 1, now = new Date() } = {},
): Promise<string> {
  return server.database.inWorkspace(workspaceId, async (db) => {
    lockRulesExclusive(db);
    await db.query(sql`
      insert into segment (workspace_id, id, key, name, description, filter, version, created_at,
        updated_at)
      values (${workspaceId}, ${segmentId}::uuid, ${segmentId}::text, 'Test', '', '{"any": []}', 0,
        now(),
        now())
      on conflict (workspace_id, id) do nothing`);
    const build = { version, definition: { filter }, now };
    await startBuild(db, { kind: 'SEGMENT', id: segmentId }, build);
    bumpRulesVersion(db);
    return segmentId;
  });
}

export interface StoredBuild {
  state: string;
  version: number;
  done: number;
  total: number;
}

/** The builds of a segment or lifecycle, oldest first. */
export const buildsOf = (server: TestServer, subjectId: string): Promise<StoredBuild[]> =>
  ask<StoredBuild>(
    server,
    `select j.state, b.version, j.done, j.total from build b
     join job j on j.workspace_id = b.workspace_id and j.id = b.id
     where b.subject_id = $1 order by b.id`,
    [subjectId],
  );

export const waitUntilBuilt = (server: TestServer, subjectId: string) =>
  expect
    .poll(async () => (await buildsOf(server, subjectId)).at(-1)?.state, pollOptions)
    .toBe('DONE');

/** The members of a segment with the time of their entry, by customer. */
export async function segmentMembersOf(server: TestServer, segmentId: string) {
  const rows = await ask<{ customer: string; since: Date }>(
    server,
    'select customer_id as customer, since from segment_member where segment_id = $1',
    [segmentId],
  );
  return new Map(rows.map(({ customer, since }) => [customer, since.getTime()]));
}

/** The customers that match a filter now, evaluated in SQL. */
export const matchingCustomers = (
  server: TestServer,
  { id: workspaceId }: TestWorkspace,
  filter: Filter,
) =>
  server.database.inWorkspace(workspaceId, async (db) => {
    const vocabulary = await loadVocabulary(db);
    const condition = resolveFilter(filter, vocabulary);
    const { timeZone } = vocabulary;
    const holds = conditionSql(condition, { workspaceId, timeZone, now: new Date() });
    const { rows } = await db.query<{ id: string }>(sql`
      select c.id from customer c where c.workspace_id = ${workspaceId}
      and c.merged_into is null and ${holds}`);
    return rows.map(({ id }) => id).sort();
  });

/** Folds the log into members; throws if a customer enters twice or leaves without being a member. */
export async function foldMembers(
  server: TestServer,
  workspace: TestWorkspace,
  segmentId: string,
): Promise<string[]> {
  const changes = await storedChanges(server, workspace);
  expect(changes.map(({ position }) => position)).toEqual(positionsTo(changes.length));
  const members = new Set<string>();
  const reached = new Map<string, Date>();
  for (const { kind, customer, at, data } of changes) {
    // A merged customer leaves its segments without a change of its own.
    if (kind === 'CUSTOMER_MERGED') members.delete(String(data['from']));
    if (data['segment'] !== segmentId) continue;
    if (at < (reached.get(customer) ?? at))
      throw new Error(`The changes of ${customer} are not in order of time`);
    reached.set(customer, at);
    if (members.has(customer) === (kind === 'SEGMENT_ENTERED')) {
      throw new Error(`${kind} of ${customer} changes nothing`);
    }
    if (kind === 'SEGMENT_ENTERED') members.add(customer);
    else members.delete(customer);
  }
  return [...members].sort();
}
