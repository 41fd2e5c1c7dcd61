import { expect, it } from 'vitest';
import {
  createBuiltLifecycle,
  stageInput,
  stagesByUser,
  waitUntilLifecycleBuilt,
} from '../../support/lifecycles.ts';
import { createBuiltSegment } from '../../support/segments.ts';
import { newWorkspace, type TestWorkspace, useServer } from '../../support/server.ts';

const server = useServer();

const visit = (timestamp: string, names: object) => ({
  type: 'page',
  name: 'Home',
  timestamp,
  ...names,
});
const visitor = { anonymousId: 'a' };
const user = { userId: 'u' };
const wasReached = { stage: { in: ['REACH'], ever: true } };
const wasReachedWithin = (within: string) => ({ stage: { in: ['REACH'], within } });

async function countWhere(workspace: TestWorkspace, where: object): Promise<number> {
  const { customers } = await workspace.query<{ customers: { totalCount: number } }>(
    'query ($where: CustomerFilter) { customers(where: $where) { totalCount } }',
    { where },
  );
  return customers.totalCount;
}

async function whyHolds(workspace: TestWorkspace, where: object): Promise<boolean | undefined> {
  const { customer } = await workspace.query<{ customer: { why: { holds: boolean } } }>(
    'query ($where: CustomerFilter!) { customer(by: { userId: "u" }) { why(of: { where: $where }) { holds } } }',
    { where },
  );
  return customer.why.holds;
}

/** The number of matching customers on each of these days, at 12:00. */
async function matchesByDay(workspace: TestWorkspace, where: object, from: string, to: string) {
  const { segmentHistory } = await workspace.query<{ segmentHistory: Array<{ count: number }> }>(
    `query ($where: CustomerFilter!, $from: DateTime!, $to: DateTime!) {
      segmentHistory(where: $where, from: $from, to: $to) { count } }`,
    { where, from: `${from}T12:00:00Z`, to: `${to}T12:00:00Z` },
  );
  return segmentHistory.map(({ count }) => count);
}

async function undoMerge(workspace: TestWorkspace) {
  const { customer } = await workspace.query<{ customer: { merges: Array<{ id: string }> } }>(
    '{ customer(by: { userId: "u" }) { merges { id } } }',
  );
  await workspace.query('mutation ($id: ID!) { undoMerge(merge: $id) { __typename } }', {
    id: customer.merges[0]?.id,
  });
}

it('counts the stages of a merged customer as stages of the survivor, in every answer', async () => {
  const workspace = await newWorkspace(server);
  await createBuiltSegment(workspace, 'REACHED', wasReached);
  await workspace.send([
    visit('2026-06-01T10:00:00Z', visitor),
    visit('2026-06-02T10:00:00Z', user),
    visit('2026-06-03T10:00:00Z', { ...visitor, ...user }),
  ]);

  expect(await countWhere(workspace, wasReached)).toBe(1);
  expect(await whyHolds(workspace, wasReached)).toBe(true);
  expect(await countWhere(workspace, { segment: { in: ['REACHED'] } })).toBe(1);
  expect(await countWhere(workspace, wasReachedWithin('P1D'))).toBe(0);
  expect(await countWhere(workspace, wasReachedWithin('P10Y'))).toBe(1);
  expect(await whyHolds(workspace, wasReachedWithin('P10Y'))).toBe(true);
});

it('counts them at every earlier instant too', async () => {
  const workspace = await newWorkspace(server);
  await workspace.send([
    visit('2026-06-01T10:00:00Z', visitor),
    visit('2026-06-02T10:00:00Z', user),
    visit('2026-06-04T10:00:00Z', { ...visitor, ...user }),
  ]);
  const isReached = { stage: { in: ['REACH'] } };
  const days = ['2026-06-01', '2026-06-06'] as const;

  // Until the merge the two were in different stages: the one counts that the survivor was in itself.
  expect(await matchesByDay(workspace, isReached, ...days)).toEqual([1, 0, 0, 0, 0, 0]);
  expect(await matchesByDay(workspace, wasReached, ...days)).toEqual([1, 1, 1, 1, 1, 1]);
  const recently = wasReachedWithin('P1D');
  expect(await matchesByDay(workspace, recently, ...days)).toEqual([1, 1, 1, 1, 0, 0]);
});

it('reactivates a dormant guest who comes back through a known account', async () => {
  const workspace = await newWorkspace(server);
  await workspace.query(
    'mutation { createLifecycle(template: "AWARENESS_TO_RETENTION") { __typename } }',
  );
  const order = { type: 'track', event: 'Order Completed', ...visitor, properties: { total: 5 } };
  const days = (ago: number) => new Date(Date.now() - ago * 86_400_000).toISOString();
  await waitUntilLifecycleBuilt(workspace, 'AWARENESS_TO_RETENTION');
  await workspace.send([{ ...order, timestamp: days(400) }, visit(days(2), user)]);
  await workspace.send([visit(days(1), { ...visitor, ...user })]);

  expect(await stagesByUser(workspace, 'AWARENESS_TO_RETENTION')).toEqual({ u: 'REACTIVATED' });
});

it('divides the past again when the merge is undone', async () => {
  const workspace = await newWorkspace(server);
  const tried = { did: { event: ['Tried'], measure: { count: { equals: 1 } } } };
  await createBuiltLifecycle(workspace, 'TRIAL', [stageInput('TRYING', tried)]);
  const lead = { type: 'track', event: 'Lead Captured', ...visitor };
  const attempt = { type: 'track', event: 'Tried', ...visitor };
  await workspace.send([
    visit('2026-06-01T10:00:00Z', visitor),
    visit('2026-06-02T10:00:00Z', user),
  ]);
  await workspace.send([lead, attempt]);
  await workspace.send([{ ...attempt, ...user }]);
  const isTrying = { stage: { lifecycle: 'TRIAL', in: ['TRYING'] } };
  expect(await stagesByUser(workspace, 'TRIAL')).toEqual({ u: 'TRYING' });
  expect(await countWhere(workspace, wasReached)).toBe(1);

  await undoMerge(workspace);

  expect(await whyHolds(workspace, wasReached)).toBe(false);
  expect(await countWhere(workspace, wasReached)).toBe(1);
  const visitors = { all: [isTrying, { not: { identity: { kind: 'user_id' } } }] };
  expect(await countWhere(workspace, visitors)).toBe(1);
});
