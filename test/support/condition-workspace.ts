import { randomUUID } from 'node:crypto';
import type { Filter } from '../../src/engine/conditions/filter.ts';
import { sql } from '../../src/platform/sql.ts';
import { bumpRulesVersion } from '../../src/platform/workspace-lock.ts';
import type { ReferenceHistory, ReferenceMove } from './customer-history.ts';
import { afterAll } from './random-times.ts';
import type { ReferenceCall } from './reference-facts.ts';
import { createReference } from './reference-model.ts';
import { createBuiltSegment } from './segments.ts';
import { newWorkspace, type TestServer, type TestWorkspace } from './server.ts';

export interface ScenarioSettings {
  timeZone: string;
  segments: Record<string, Filter>;
  /** USD by default. */
  currency?: string;
}

export interface ReferenceCustomer extends ReferenceHistory {
  customer: number;
}

/** Creates a workspace with segments, inserted directly as active. */
export async function createWorkspaceWithSegments(
  server: TestServer,
  { timeZone, segments, currency = 'USD' }: ScenarioSettings,
): Promise<TestWorkspace> {
  server.clock.now = afterAll;
  const workspace = await newWorkspace(server, { timeZone, currency });
  await server.database.inWorkspace(workspace.id, async (db) => {
    for (const [key, filter] of Object.entries(segments)) {
      await db.query(sql`
        insert into segment (workspace_id, id, key, name, description, filter, created_at, updated_at)
        values (${workspace.id}, ${randomUUID()}, ${key}, ${key}, '', ${JSON.stringify(filter)}, now(),
          now())`);
    }
    bumpRulesVersion(db);
  });
  return workspace;
}

/** Creates the workspace through the API: each segment is built before the next is created. */
export async function createWorkspaceByApi(
  server: TestServer,
  { timeZone, segments, currency = 'USD' }: ScenarioSettings,
): Promise<TestWorkspace> {
  server.clock.now = afterAll;
  const workspace = await newWorkspace(server, { timeZone, currency });
  for (const [key, filter] of Object.entries(segments))
    await createBuiltSegment(workspace, key, filter);
  return workspace;
}

/** Sends events in batches of these sizes; the last size repeats. */
export async function sendInBatches(
  server: TestServer,
  workspace: TestWorkspace,
  history: ReferenceCall[],
  sizes: number[],
) {
  for (let start = 0, turn = 0; start < history.length; turn += 1) {
    const size = sizes[turn] ?? sizes.at(-1) ?? 50;
    const batch = history.slice(start, start + size);
    const results = await server.ingest.ingest(workspace.id, batch, { now: afterAll });
    const refused = results.filter(({ status }) => status === 'refused');
    if (refused.length > 0) throw new Error(`Refused: ${JSON.stringify(refused)}`);
    start += size;
  }
}

/** Returns the reference's customers after all events. */
export function replayOnReference(
  history: ReferenceCall[],
  { timeZone, segments, currency = 'USD' }: ScenarioSettings,
) {
  const reference = createReference({ timeZone, currency });
  for (const call of history) reference.receive(call);
  return referenceCustomersOf(reference, { timeZone, segments, currency });
}

/** The customers of a reference in its current state. */
export const referenceCustomersOf = (
  reference: ReturnType<typeof createReference>,
  setting: ScenarioSettings,
): ReferenceCustomer[] =>
  reference.histories().map(({ merged, ...history }) => ({
    ...setting,
    ...history,
    currency: setting.currency ?? 'USD',
    moves: movesOf(reference.changes, history.customer),
    mergedMoves: merged.map((customer) => movesOf(reference.changes, customer)),
  }));

interface Change {
  kind?: string;
  customer?: number;
  at?: string;
  from?: string | null;
  to?: string;
  merged?: [from: number, into: number];
}

/** The moves of a customer; being merged into another one is the move out of its stage. */
function movesOf(changes: Change[], customer: number): ReferenceMove[] {
  const moves: ReferenceMove[] = [];
  for (const [position, { kind, at = '', merged, ...change }] of changes.entries()) {
    if (kind === 'STAGE_CHANGED' && change.customer === customer) {
      const { from = null, to = null } = change;
      moves.push({ at: Date.parse(at), position, from, to });
    }
    if (kind === 'CUSTOMER_MERGED' && merged?.[0] === customer) {
      const from = moves.at(-1)?.to ?? null;
      moves.push({ at: Date.parse(at), position, from, to: null });
    }
  }
  return moves;
}

/** The ids of the customers in order of creation, merged ones included. */
export async function customerIds(server: TestServer, { id }: TestWorkspace): Promise<string[]> {
  const { rows } = await server.database.inWorkspace(id, (db) =>
    db.query<{ id: string }>(sql`
      select customer_id as id from change
      where workspace_id = ${id} and kind = 'CUSTOMER_CREATED' order by position`),
  );
  return rows.map((row) => row.id);
}
