import { afterEach, expect, it } from 'vitest';
import { connectLive } from '../../support/live-client.ts';
import { changeList, createBuiltSegment, createTestSegment } from '../../support/segments.ts';
import { newWorkspace, type TestWorkspace, useServer } from '../../support/server.ts';

const server = useServer();
const clients: Array<{ dispose(): unknown }> = [];

afterEach(async () => {
  for (const client of clients.splice(0)) await client.dispose();
});

function connect(workspace: TestWorkspace) {
  const live = connectLive(server.url, workspace.key);
  clients.push(live);
  return live;
}

const order = (userId: string) => ({ type: 'track', userId, event: 'Order Completed' });

async function cursorOf(workspace: TestWorkspace) {
  const { workspace: found } = await workspace.query<{ workspace: { cursor: string } }>(
    '{ workspace { cursor } }',
  );
  return found.cursor;
}

interface Delivered {
  __typename: string;
  segment?: { key: string };
  cause?: string;
  customer: { userId: string };
}

const watchSegment = `subscription ($segment: String!, $after: Cursor) {
  segmentChanged(segment: $segment, after: $after) {
    __typename
    ... on SegmentEntered { cause segment { key } customer { userId } }
    ... on SegmentLeft { cause segment { key } customer { userId } }
    ... on CustomerMerged { fromId customer { userId } }
  } }`;

const isList = { segment: { in: ['LIST'] } };

it('streams entries and exits of one segment, from a cursor and then live', async () => {
  const workspace = await newWorkspace(server);
  await workspace.send([order('a'), order('b')]);
  await createTestSegment(workspace, { name: 'List' });
  await createBuiltSegment(workspace, 'Other', isList);
  const after = await cursorOf(workspace);
  await changeList(workspace, 'addSegmentMembers', 'LIST', ['a', 'b']);

  const live = connect(workspace).watch<{ segmentChanged: Delivered }>(watchSegment, {
    segment: 'list',
    after,
  });
  await live.until((items) => items.length === 2);
  await changeList(workspace, 'removeSegmentMembers', 'LIST', ['b']);
  await live.until((items) => items.length === 3);

  expect(live.items.map(({ segmentChanged }) => segmentChanged)).toMatchObject([
    { __typename: 'SegmentEntered', segment: { key: 'LIST' }, customer: { userId: 'a' } },
    { __typename: 'SegmentEntered', cause: 'MANUAL', customer: { userId: 'b' } },
    { __typename: 'SegmentLeft', customer: { userId: 'b' } },
  ]);
});

const watchStages = `subscription ($segment: String, $after: Cursor) {
  stageChanged(segment: $segment, after: $after) {
    ... on StageChanged { toKey customer { userId } } } }`;

const readChanges = `query ($segment: String, $after: Cursor) {
  changes(segment: $segment, after: $after, kinds: [STAGE_CHANGED]) {
    ... on ChangePage { changes { ... on StageChanged { toKey customer { userId } } } } } }`;

it('filters moves by segment membership at the time, for past and live changes', async () => {
  const workspace = await newWorkspace(server);
  await workspace.send([order('a'), order('b')]);
  await createTestSegment(workspace, { name: 'List' });
  const after = await cursorOf(workspace);
  await changeList(workspace, 'addSegmentMembers', 'LIST', ['a']);
  await workspace.send([order('a'), order('b')]);
  await changeList(workspace, 'removeSegmentMembers', 'LIST', ['a']);
  await changeList(workspace, 'addSegmentMembers', 'LIST', ['b']);

  const live = connect(workspace).watch<{ stageChanged: object }>(watchStages, {
    segment: 'list',
    after,
  });
  await live.until((items) => items.length === 1);
  await workspace.send(['a', 'a', 'a', 'b', 'b', 'b'].map(order));
  await live.until((items) => items.length === 2);

  const wanted = [
    { toKey: 'RETENTION', customer: { userId: 'a' } },
    { toKey: 'LOYALTY', customer: { userId: 'b' } },
  ];
  expect(live.items.map(({ stageChanged }) => stageChanged)).toEqual(wanted);
  const read = await workspace.query(readChanges, { segment: 'LIST', after });
  expect(read).toEqual({ changes: { changes: wanted } });
});

it('equals the members after merges', async () => {
  const workspace = await newWorkspace(server);
  await workspace.send([
    order('a'),
    { type: 'track', anonymousId: 'visitor', event: 'Order Completed' },
  ]);
  const after = await cursorOf(workspace);
  const { key } = await createBuiltSegment(workspace, 'Buyers', {
    fact: { orderCount: { atLeast: 1 } },
  });

  await workspace.send([{ type: 'identify', userId: 'a', anonymousId: 'visitor' }]);
  const live = connect(workspace).watch<{ segmentChanged: Delivered }>(watchSegment, {
    segment: key,
    after,
  });
  await live.until((items) => items.length === 3);

  const kinds = live.items.map(({ segmentChanged }) => segmentChanged.__typename);
  expect(kinds).toEqual(['SegmentEntered', 'SegmentEntered', 'CustomerMerged']);
  const { segment } = await workspace.query<{ segment: { count: number } }>(
    `query ($key: String!) { segment(key: $key) { count } }`,
    { key },
  );
  expect(segment.count).toBe(1);
});

it('adds the surviving customer to the manual lists of the merged one and logs it', async () => {
  const workspace = await newWorkspace(server);
  const visitor = { type: 'track', anonymousId: 'visitor', event: 'Product Viewed' };
  await workspace.send([order('a'), visitor]);
  await createTestSegment(workspace, { name: 'List' });
  const after = await cursorOf(workspace);
  await workspace.query(
    `mutation { addSegmentMembers(segment: "LIST", customers: [{ anonymousId: "visitor" }]) {
      __typename } }`,
  );

  await workspace.send([{ type: 'identify', userId: 'a', anonymousId: 'visitor' }]);
  const live = connect(workspace).watch<{ segmentChanged: Delivered }>(watchSegment, {
    segment: 'LIST',
    after,
  });
  await live.until((items) => items.length === 3);

  expect(live.items.map(({ segmentChanged }) => segmentChanged)).toMatchObject([
    { __typename: 'SegmentEntered', cause: 'MANUAL' },
    { __typename: 'CustomerMerged' },
    { __typename: 'SegmentEntered', cause: 'MERGE', customer: { userId: 'a' } },
  ]);
});
