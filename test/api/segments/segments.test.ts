import { afterEach, expect, it } from 'vitest';
import { storedChanges } from '../../support/inspect.ts';
import { pollOptions } from '../../support/lock-ingestion.ts';
import {
  changeList,
  createBuiltSegment,
  createTestSegment,
  memberIds,
  waitUntilActive,
} from '../../support/segments.ts';
import { newWorkspace, type TestWorkspace, useServer } from '../../support/server.ts';

const server = useServer();

afterEach(() => {
  server.clock.now = undefined;
});

const order = (userId: string, more: object = {}) => ({
  type: 'track',
  userId,
  event: 'Order Completed',
  ...more,
});

const view = (userId: string) => ({ type: 'track', userId, event: 'Product Viewed' });
const ordersAtLeast = (count: number) => ({ fact: { orderCount: { atLeast: count } } });

async function segmentChanges(workspace: TestWorkspace) {
  const changes = await storedChanges(server, workspace);
  return changes.filter(({ kind }) => kind.startsWith('SEGMENT'));
}

it('fills a new segment with the matching customers and then follows every event', async () => {
  const workspace = await newWorkspace(server);
  await workspace.send([order('a'), view('b')]);

  const segment = await createBuiltSegment(workspace, 'Käufer im Mai!', ordersAtLeast(1));
  const built = await memberIds(workspace, segment.key);
  await workspace.send([order('b'), order('c')]);

  expect(segment).toMatchObject({ key: 'KAUFER_IM_MAI', version: 0, filter: { any: [] } });
  expect(built).toEqual(['a']);
  expect(await memberIds(workspace, 'kaufer_im_mai')).toEqual(['a', 'b', 'c']);
  const answer = await workspace.query(
    `{ segment(key: "KAUFER_IM_MAI") { count share version filter build { state done total } }
       customer(by: { userId: "b" }) { segments { segment { key } } } }`,
  );
  expect(answer).toEqual({
    segment: {
      count: 3,
      share: 1,
      version: 1,
      filter: ordersAtLeast(1),
      build: { state: 'DONE', done: 2, total: 2 },
    },
    customer: { segments: [{ segment: { key: 'KAUFER_IM_MAI' } }] },
  });
});

it('updates memberships within a second of a time-based change', async () => {
  const workspace = await newWorkspace(server);
  const { key } = await createBuiltSegment(workspace, 'Fresh', {
    did: { event: ['Product Viewed'], window: { within: 'PT2S' } },
  });
  await workspace.send([view('a')]);
  const entered = await memberIds(workspace, key);

  await expect.poll(() => memberIds(workspace, key), pollOptions).toEqual([]);

  const [come, gone] = await segmentChanges(workspace);
  expect(entered).toEqual(['a']);
  expect(come).toMatchObject({ kind: 'SEGMENT_ENTERED', data: { cause: 'EVENT' } });
  expect(gone).toMatchObject({ kind: 'SEGMENT_LEFT', data: { cause: 'TIME' } });
});

const update = `mutation ($segment: String!, $filter: CustomerFilter, $name: String) {
  updateSegment(segment: $segment, filter: $filter, name: $name) {
    __typename
    ... on SegmentPayload { segment { name version filter build { version } } }
    ... on Refusal { code message }
    ... on InvalidFilter { path }
  } }`;

it('keeps the old filter until the new one is active, and needs no build for a new name', async () => {
  const workspace = await newWorkspace(server);
  await workspace.send([order('a'), order('a'), order('b')]);
  const { key } = await createBuiltSegment(workspace, 'Buyers', ordersAtLeast(1));

  const renamed = await workspace.query(update, { segment: key, name: 'All buyers' });
  const changed = await workspace.query(update, { segment: key, filter: ordersAtLeast(2) });
  await waitUntilActive(workspace, key);

  expect(renamed['updateSegment']).toMatchObject({
    segment: { name: 'All buyers', version: 1, build: { version: 1 } },
  });
  expect(changed['updateSegment']).toMatchObject({
    segment: { version: 1, filter: ordersAtLeast(1), build: { version: 2 } },
  });
  expect(await memberIds(workspace, key)).toEqual(['a']);
  const last = (await segmentChanges(workspace)).at(-1);
  expect(last).toMatchObject({ kind: 'SEGMENT_LEFT', data: { cause: 'DEFINITION', version: 2 } });
});

it('refuses a filter that refers to its own segment, directly or indirectly', async () => {
  const workspace = await newWorkspace(server);
  const a = await createBuiltSegment(workspace, 'A', ordersAtLeast(1));
  const b = await createBuiltSegment(workspace, 'B', { segment: { in: ['a'] } });

  const itself = await workspace.query(update, {
    segment: a.key,
    filter: { not: { segment: { in: ['A'] } } },
  });
  const around = await workspace.query(update, {
    segment: a.key,
    filter: { all: [{ segment: { in: [b.key] } }] },
  });

  expect(itself['updateSegment']).toMatchObject({
    code: 'INVALID_FILTER',
    path: 'filter.not.segment',
  });
  expect(around['updateSegment']).toMatchObject({ code: 'INVALID_FILTER' });
});

const remove = `mutation ($segment: String!) { deleteSegment(segment: $segment) {
  __typename ... on DeleteSegmentPayload { id } ... on Refusal { code } ... on InUse { uses } } }`;

it('refuses to delete a segment in use, and logs that members leave a deleted one', async () => {
  const workspace = await newWorkspace(server);
  await workspace.send([order('a')]);
  const a = await createBuiltSegment(workspace, 'A', ordersAtLeast(1));
  const b = await createBuiltSegment(workspace, 'B', { segment: { in: ['a'] } });

  const refused = await workspace.query(remove, { segment: a.key });
  const deleted = await workspace.query(remove, { segment: b.key });

  expect(refused['deleteSegment']).toMatchObject({ code: 'IN_USE', uses: ['segment B'] });
  expect(deleted['deleteSegment']).toMatchObject({ id: b.id });
  expect((await segmentChanges(workspace)).at(-1)).toMatchObject({ kind: 'SEGMENT_LEFT' });
  const { segments } = await workspace.query<{ segments: object }>(
    '{ segments(search: "A") { totalCount nodes { key } } }',
  );
  expect(segments).toEqual({ totalCount: 1, nodes: [{ key: 'A' }] });
});

it('adds and removes members of a manual list and reports the result per customer', async () => {
  const workspace = await newWorkspace(server);
  await workspace.send([view('a'), view('b')]);
  const { segment } = await createTestSegment(workspace, { name: 'Guests' });
  const dependent = await createBuiltSegment(workspace, 'Guests who did not buy', {
    all: [{ segment: { in: ['GUESTS'] } }, { not: ordersAtLeast(1) }],
  });

  const added = await changeList(workspace, 'addSegmentMembers', 'guests', ['a', 'a', 'b', 'x']);
  const then = await memberIds(workspace, dependent.key);
  const removed = await changeList(workspace, 'removeSegmentMembers', 'guests', ['b', 'b']);

  expect(segment.filter).toBeNull();
  expect(added).toMatchObject({ changed: 2 });
  expect(added.items?.map(({ outcome }) => outcome)).toEqual([
    'ADDED',
    'ALREADY_MEMBER',
    'ADDED',
    'NOT_FOUND',
  ]);
  expect(then).toEqual(['a', 'b']);
  expect(removed.items?.map(({ outcome }) => outcome)).toEqual(['REMOVED', 'NO_MEMBER']);
  expect(await memberIds(workspace, 'guests')).toEqual(['a']);
  expect(await memberIds(workspace, dependent.key)).toEqual(['a']);
  const causes = (await segmentChanges(workspace)).map(({ data }) => data['cause']);
  expect(causes).toEqual(Array(6).fill('MANUAL'));
});

it('refuses manual members of a filtered segment, a filter for a manual list, and a taken key', async () => {
  const workspace = await newWorkspace(server);
  await workspace.send([view('a')]);
  await createTestSegment(workspace, { name: 'List' });
  await createBuiltSegment(workspace, 'Filtered', ordersAtLeast(1));

  const added = await changeList(workspace, 'addSegmentMembers', 'filtered', ['a']);
  const filtered = await workspace.query(update, { segment: 'list', filter: ordersAtLeast(1) });
  const taken = await createTestSegment(workspace, { name: 'Other', key: 'list' });
  const again = await createTestSegment(workspace, { name: 'List' });

  expect(added).toMatchObject({ __typename: 'InvalidInput' });
  expect(filtered['updateSegment']).toMatchObject({ code: 'INVALID_INPUT' });
  expect(taken).toMatchObject({ code: 'INVALID_INPUT' });
  expect(again.segment.key).toBe('LIST_2');
});

it('counts the customers that two segments share', async () => {
  const workspace = await newWorkspace(server);
  await workspace.send([order('a'), order('b'), order('b'), view('c')]);
  await createBuiltSegment(workspace, 'Buyers', ordersAtLeast(1));
  await createBuiltSegment(workspace, 'Repeat', {
    any: [ordersAtLeast(2), { identity: { kind: 'user_id', value: { equals: 'c' } } }],
  });

  const { segment } = await workspace.query<{ segment: object }>(
    '{ segment(key: "buyers") { overlap(with: "repeat") { both onlyThis onlyOther } } }',
  );

  expect(segment).toEqual({ overlap: { both: 1, onlyThis: 1, onlyOther: 1 } });
});

it('previews the count and a sample of a filter before a segment exists', async () => {
  const workspace = await newWorkspace(server);
  await workspace.send([order('a'), order('b'), view('c'), view('d')]);

  const { segmentPreview } = await workspace.query<{ segmentPreview: object }>(
    `query ($where: CustomerFilter!) { segmentPreview(where: $where) {
      ... on SegmentPreview { count share sample(first: 1) { userId } } } }`,
    { where: ordersAtLeast(1) },
  );

  expect(segmentPreview).toEqual({ count: 2, share: 0.5, sample: [{ userId: 'b' }] });
});

it('reports the growth of a segment, and of a filter without a segment', async () => {
  const workspace = await newWorkspace(server);
  const { key } = await createBuiltSegment(workspace, 'Buyers', ordersAtLeast(1));
  const on = (day: number, userId: string) =>
    order(userId, { timestamp: `2026-03-${String(day).padStart(2, '0')}T10:00:00Z` });
  await workspace.send([on(1, 'a'), on(2, 'b'), on(2, 'c'), on(4, 'a')]);
  const range = { from: '2026-03-01T23:00:00Z', to: '2026-03-04T23:00:00Z' };

  const answer = await workspace.query(
    `query ($key: String!, $where: CustomerFilter!, $from: DateTime!, $to: DateTime!) {
      segment(key: $key) { growth(from: $from, to: $to) { at members entered left merged } }
      segmentHistory(where: $where, from: $from, to: $to, grain: DAY) { count customers share } }`,
    { key, where: ordersAtLeast(2), ...range },
  );

  const point = (day: number, members: number, entered: number) => ({
    at: `2026-03-0${day}T23:00:00.000Z`,
    members,
    entered,
    left: 0,
    merged: 0,
  });
  expect(answer).toEqual({
    segment: { growth: [point(1, 1, 0), point(2, 3, 2), point(3, 3, 0), point(4, 3, 0)] },
    segmentHistory: [
      { count: 0, customers: 1, share: 0 },
      { count: 0, customers: 3, share: 0 },
      { count: 0, customers: 3, share: 0 },
      { count: 1, customers: 3, share: 1 / 3 },
    ],
  });
});
