import { afterEach, describe, expect, it } from 'vitest';
import { type CustomerRange, forEachRange } from '../../../src/engine/customers/customer-ranges.ts';
import { sql } from '../../../src/platform/sql.ts';
import { ask, storedChanges } from '../../support/inspect.ts';
import {
  createBuiltLifecycle,
  stageInput,
  stagesByUser,
  updateStages,
  waitUntilLifecycleBuilt,
} from '../../support/lifecycles.ts';
import { lockIngestion } from '../../support/lock-ingestion.ts';
import { createBuiltSegment, memberIds, waitUntilActive } from '../../support/segments.ts';
import { newWorkspace, type TestWorkspace, useServer } from '../../support/server.ts';
import { waitUntilNothingIsDue } from '../../support/wait-until-nothing-is-due.ts';

const server = useServer();

afterEach(() => {
  server.clock.now = undefined;
});

const track = (event: string, userId: string, more: object = {}) => ({
  type: 'track',
  userId,
  event,
  ...more,
});
const did = (event: string) => ({ did: { event: [event] } });
const allCustomers = { all: [] };

const updateFilter = (workspace: TestWorkspace, segment: string, filter: object) =>
  workspace.query(
    `mutation ($segment: String!, $filter: CustomerFilter!) {
      updateSegment(segment: $segment, filter: $filter) { __typename } }`,
    { segment, filter },
  );

/** The changes made by a new definition, in order: the stage or segment, and the version. */
async function definitionChanges(workspace: TestWorkspace, from: number) {
  const changes = (await storedChanges(server, workspace)).slice(from);
  return changes
    .filter(({ data }) => data['cause'] === 'DEFINITION')
    .map(({ kind, data }) => ({ kind, version: data['version'] }));
}

describe('a segment that refers to a definition', () => {
  it('follows the new stages of a lifecycle', async () => {
    const workspace = await newWorkspace(server);
    await createBuiltLifecycle(workspace, 'OWN', [stageInput('SEEN', allCustomers)]);
    await updateStages(workspace, 'OWN', [
      stageInput('SEEN', allCustomers),
      stageInput('FAN', did('A')),
    ]);
    await waitUntilLifecycleBuilt(workspace, 'OWN');
    await createBuiltSegment(workspace, 'Fans', { stage: { lifecycle: 'OWN', in: ['FAN'] } });
    await workspace.send([track('A', 'a'), track('B', 'b')]);
    expect(await memberIds(workspace, 'FANS')).toEqual(['a']);

    await updateStages(workspace, 'OWN', [
      stageInput('SEEN', allCustomers),
      stageInput('FAN', did('B')),
    ]);
    await waitUntilLifecycleBuilt(workspace, 'OWN');
    await waitUntilNothingIsDue(server, workspace, Date.now());

    expect(await memberIds(workspace, 'FANS')).toEqual(['b']);
  });

  it('follows the new filter of a segment', async () => {
    const workspace = await newWorkspace(server);
    await createBuiltSegment(workspace, 'Base', did('A'));
    await createBuiltSegment(workspace, 'Fans', { segment: { in: ['BASE'] } });
    await workspace.send([track('A', 'a'), track('B', 'b')]);
    expect(await memberIds(workspace, 'FANS')).toEqual(['a']);

    await updateFilter(workspace, 'BASE', did('B'));
    await waitUntilActive(workspace, 'BASE');
    await waitUntilNothingIsDue(server, workspace, Date.now());

    expect(await memberIds(workspace, 'FANS')).toEqual(['b']);
  });
});

describe('two definitions one after the other', () => {
  it('activate only the newer filter of a segment', async () => {
    const workspace = await newWorkspace(server);
    await createBuiltSegment(workspace, 'Fans', did('A'));
    await workspace.send([track('A', 'a'), track('B', 'b'), track('C', 'c')]);
    const { length } = await storedChanges(server, workspace);

    await inTurn(workspace, [
      () => updateFilter(workspace, 'FANS', did('B')),
      () => updateFilter(workspace, 'FANS', did('C')),
    ]);
    await waitUntilActive(workspace, 'FANS');
    await waitUntilNoBuildRuns(workspace);

    expect(await memberIds(workspace, 'FANS')).toEqual(['c']);
    expect((await definitionChanges(workspace, length)).map(({ version }) => version)).toEqual([
      3, 3,
    ]);
  });

  it('activate only the newer stages of a lifecycle', async () => {
    const workspace = await newWorkspace(server);
    const stages = (event: string) => [
      stageInput('SEEN', allCustomers),
      stageInput('FAN', did(event)),
    ];
    await createBuiltLifecycle(workspace, 'OWN', stages('A'));
    await workspace.send([track('A', 'a'), track('B', 'b'), track('C', 'c')]);
    const { length } = await storedChanges(server, workspace);

    await inTurn(workspace, [
      () => updateStages(workspace, 'OWN', stages('B')),
      () => updateStages(workspace, 'OWN', stages('C')),
    ]);
    await waitUntilLifecycleBuilt(workspace, 'OWN');
    await waitUntilNoBuildRuns(workspace);

    expect(await stagesByUser(workspace, 'OWN')).toEqual({ a: 'SEEN', b: 'SEEN', c: 'FAN' });
    expect((await definitionChanges(workspace, length)).map(({ version }) => version)).toEqual([
      3, 3,
    ]);
  });
});

/** Serialises changes of a workspace, so that nothing of a build happens between them. */
async function inTurn(workspace: TestWorkspace, changes: ReadonlyArray<() => Promise<unknown>>) {
  const ingestionLock = await lockIngestion(server, workspace.id);
  const pending = [];
  for (const [index, change] of changes.entries()) {
    pending.push(change());
    await ingestionLock.waitUntilBlocked(index + 1);
  }
  await ingestionLock.release();
  await Promise.all(pending);
}

const waitUntilNoBuildRuns = ({ id }: TestWorkspace) =>
  expect
    .poll(
      () =>
        ask(
          server,
          `select from job where workspace_id = $1 and kind = 'BUILD' and state = 'RUNNING'`,
          [id],
        ),
      { timeout: 20_000, interval: 10 },
    )
    .toEqual([]);

/**
 * Starts a build and returns a lock on which its next step waits. `nextStep` releases one step and blocks the one after
 * it.
 */
async function stepByStep(workspace: TestWorkspace, change: () => Promise<unknown>) {
  let ingestionLock = await lockIngestion(server, workspace.id);
  const changing = change();
  await ingestionLock.waitUntilBlocked(1);
  async function nextStep() {
    const next = lockIngestion(server, workspace.id);
    await ingestionLock.waitUntilBlocked(2);
    await ingestionLock.release();
    ingestionLock = await next;
    await ingestionLock.waitUntilBlocked(1);
  }
  await nextStep();
  await changing;
  return { nextStep, hold: () => ingestionLock, release: () => ingestionLock.release() };
}

it.each([
  ['it is in', 'FAN'],
  ['it is moved to', 'STAR'],
])('keeps a customer that is pinned during a build in the stage %s', async (_which, to) => {
  const workspace = await newWorkspace(server);
  await createBuiltLifecycle(workspace, 'OWN', [
    stageInput('SEEN', allCustomers),
    stageInput('FAN', did('A')),
    stageInput('STAR', did('Never')),
  ]);
  await workspace.send([track('A', 'a'), track('A', 'b')]);
  const { customer } = await workspace.query<{ customer: { id: string } }>(
    '{ customer(by: { userId: "a" }) { id } }',
  );

  const build = await stepByStep(workspace, () =>
    updateStages(workspace, 'OWN', [
      stageInput('SEEN', allCustomers),
      stageInput('FAN', did('B')),
      stageInput('STAR', did('Never')),
    ]),
  );
  // The first step waits; the customer is pinned after it and before the end of the build.
  const pinning = workspace.query(
    `mutation ($id: ID!, $to: String!) {
      moveCustomer(customer: $id, lifecycle: "OWN", to: $to, reason: "a contract", pin: true) {
        __typename } }`,
    { id: customer.id, to },
  );
  await build.hold().waitUntilBlocked(2);
  await build.release();

  expect(await pinning).toEqual({ moveCustomer: { __typename: 'MoveCustomerPayload' } });
  await waitUntilLifecycleBuilt(workspace, 'OWN');
  expect(await stagesByUser(workspace, 'OWN')).toEqual({ a: to, b: 'SEEN' });
});

it('evaluates customers due before the activation of a definition by the previous rules', async () => {
  const begin = Date.UTC(2026, 5, 1);
  const customers = 2_300;
  server.clock.now = new Date(begin);
  const workspace = await newWorkspace(server);
  await createBuiltSegment(workspace, 'Recent', {
    did: { event: ['A'], window: { within: 'P1D' } },
  });
  const calls = Array.from({ length: customers }, (_, index) =>
    track('A', `u${index}`, { timestamp: new Date(begin).toISOString() }),
  );
  await server.ingest.ingest(workspace.id, calls, { now: new Date(begin) });

  const build = await stepByStep(workspace, () => updateFilter(workspace, 'RECENT', did('A')));
  await build.nextStep();
  // The second of three chunks waits while no customer is due; then all customers become due.
  server.clock.now = new Date(begin + 2 * 86_400_000);
  await build.release();
  await waitUntilActive(workspace, 'RECENT');

  const left = await ask<{ version: number; cause: string; count: number }>(
    server,
    `select (data -> 'version')::int as version, data ->> 'cause' as cause, count(*)::int
     from change where workspace_id = $1 and kind = 'SEGMENT_LEFT' group by 1, 2`,
    [workspace.id],
  );
  expect(left).toEqual([{ version: 1, cause: 'TIME', count: customers }]);
});

it.each([1, 2, 3, 4, 5, 6])(
  'assigns each of five customers to one range of at most %i',
  async (size) => {
    const workspace = await newWorkspace(server);
    await workspace.send(['a', 'b', 'c', 'd', 'e'].map((userId) => track('A', userId)));

    const found = await server.database.inWorkspace(workspace.id, async (db) => {
      const ids: string[] = [];
      const work = async (range: CustomerRange) => {
        const { rows } = await db.query<{ id: string }>(
          sql`select id from customer where ${range(sql`id`)}`,
        );
        ids.push(...rows.map(({ id }) => id));
      };
      await forEachRange(db, work, size);
      return ids;
    });

    const all = await ask<{ id: string }>(
      server,
      'select id from customer where workspace_id = $1 order by id',
      [workspace.id],
    );
    expect(found).toEqual(all.map(({ id }) => id));
  },
);
