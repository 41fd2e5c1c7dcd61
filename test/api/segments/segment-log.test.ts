import { afterEach, expect, it } from 'vitest';
import { ask, storedChanges } from '../../support/inspect.ts';
import { createBuiltLifecycle, stageInput } from '../../support/lifecycles.ts';
import {
  changeList,
  createBuiltSegment,
  createTestSegment,
  memberIds,
} from '../../support/segments.ts';
import { newWorkspace, type TestWorkspace, useServer } from '../../support/server.ts';

const server = useServer();

afterEach(() => {
  server.clock.now = undefined;
});

const order = (userId: string, timestamp?: Date) => ({
  type: 'track',
  userId,
  event: 'Order Completed',
  ...(timestamp && { timestamp: timestamp.toISOString() }),
});
const ordered = { did: { event: ['Order Completed'] } };

const idOf = async (workspace: TestWorkspace, segment: string) => {
  const found = await ask<{ id: string }>(
    server,
    'select id from segment where workspace_id = $1 and key = $2',
    [workspace.id, segment],
  );
  return String(found[0]?.id);
};

it.each([
  [
    'segment',
    (workspace: TestWorkspace) => createBuiltSegment(workspace, 'Gone', ordered),
    'mutation { deleteSegment(segment: "GONE") { __typename } }',
  ],
  [
    'lifecycle',
    (workspace: TestWorkspace) =>
      createBuiltLifecycle(workspace, 'GONE', [stageInput('X', ordered)]),
    'mutation { deleteLifecycle(lifecycle: "GONE") { __typename } }',
  ],
])('accepts events that a deleted %s would have matched', async (_what, define, remove) => {
  const workspace = await newWorkspace(server);
  await define(workspace);
  await workspace.send([order('before')]);
  const { length } = await storedChanges(server, workspace);

  const removed = await workspace.query<Record<string, { __typename: string }>>(remove);
  const answer = await workspace.send([order('after')]);

  expect(Object.values(removed)[0]?.__typename).toMatch(/^Delete\w+Payload$/);
  expect(answer).toMatchObject({ status: 200, body: { success: true } });
  const later = (await storedChanges(server, workspace)).slice(length);
  const kinds = later.map(({ kind }) => kind);
  expect(kinds.filter((kind) => kind === 'SEGMENT_ENTERED')).toEqual([]);
  expect(kinds.filter((kind) => kind === 'STAGE_CHANGED')).toHaveLength(1);
});

it.each(['addSegmentMembers', 'removeSegmentMembers'] as const)(
  'logs %s before the changes that follow from it',
  async (field) => {
    const workspace = await newWorkspace(server);
    await createTestSegment(workspace, { name: 'List' });
    await createBuiltSegment(workspace, 'Follower', { segment: { in: ['LIST'] } });
    await workspace.send([order('u1')]);
    if (field === 'removeSegmentMembers')
      await changeList(workspace, 'addSegmentMembers', 'LIST', ['u1']);
    const { length } = await storedChanges(server, workspace);

    await changeList(workspace, field, 'LIST', ['u1']);

    const changes = (await storedChanges(server, workspace)).slice(length);
    expect(changes.map(({ data }) => data['segment'])).toEqual([
      await idOf(workspace, 'LIST'),
      await idOf(workspace, 'FOLLOWER'),
    ]);
    expect(await memberIds(workspace, 'FOLLOWER')).toEqual(
      field === 'addSegmentMembers' ? ['u1'] : [],
    );
  },
);

it('finds the entry among the changes of a segment, and not the exit', async () => {
  const workspace = await newWorkspace(server);
  await createTestSegment(workspace, { name: 'List' });
  await workspace.send([order('u1')]);
  await changeList(workspace, 'addSegmentMembers', 'LIST', ['u1']);
  await changeList(workspace, 'removeSegmentMembers', 'LIST', ['u1']);

  const { changes } = await workspace.query<{ changes: { changes: object[] } }>(
    '{ changes(segment: "LIST") { ... on ChangePage { changes { __typename } } } }',
  );

  expect(changes.changes).toEqual([{ __typename: 'SegmentEntered' }]);
});

it('counts a change at exactly the instant of a point at that point', async () => {
  const workspace = await newWorkspace(server);
  const day = (number: number) => new Date(Date.UTC(2026, 0, number));
  await createTestSegment(workspace, { name: 'List' });
  await workspace.send([order('u1', day(1)), order('u2', day(1))]);
  server.clock.now = day(3);
  await changeList(workspace, 'addSegmentMembers', 'LIST', ['u1', 'u2']);
  server.clock.now = day(4);
  await changeList(workspace, 'removeSegmentMembers', 'LIST', ['u2']);
  server.clock.now = day(6);

  const { segment } = await workspace.query<{ segment: { growth: object[] } }>(
    `query ($from: DateTime!, $to: DateTime!) { segment(key: "LIST") {
      growth(from: $from, to: $to, grain: DAY) { at members entered left } } }`,
    { from: day(2), to: day(5) },
  );

  expect(segment.growth).toEqual([
    { at: day(2).toISOString(), members: 0, entered: 0, left: 0 },
    { at: day(3).toISOString(), members: 2, entered: 2, left: 0 },
    { at: day(4).toISOString(), members: 1, entered: 0, left: 1 },
    { at: day(5).toISOString(), members: 1, entered: 0, left: 0 },
  ]);
});
