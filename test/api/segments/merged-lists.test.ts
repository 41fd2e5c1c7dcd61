import { expect, it } from 'vitest';
import { changeList, createTestSegment, memberIds } from '../../support/segments.ts';
import { newWorkspace, type TestWorkspace, useServer } from '../../support/server.ts';

const server = useServer();

const visit = (names: object) => ({ type: 'page', name: 'Home', ...names });
const alias = (userId: string, previousId: string) => ({ type: 'alias', userId, previousId });

/** A workspace with two users and these lists with their members. */
async function openLists(lists: Record<string, string[]>) {
  const workspace = await newWorkspace(server);
  await workspace.send(['ada', 'bea', 'cleo'].map((userId) => visit({ userId })));
  for (const [name, members] of Object.entries(lists)) {
    await createTestSegment(workspace, { name });
    await changeList(workspace, 'addSegmentMembers', name, members);
  }
  return workspace;
}

async function undoMergeInto(workspace: TestWorkspace, userId: string, from: string) {
  const { customer } = await workspace.query<{
    customer: { merges: Array<{ id: string; undoneAt: string | null; from: { userId: string } }> };
  }>('query ($by: CustomerBy!) { customer(by: $by) { merges { id undoneAt from { userId } } } }', {
    by: { userId },
  });
  const merge = customer.merges.find((one) => one.undoneAt === null && one.from.userId === from);
  await workspace.query('mutation ($id: ID!) { undoMerge(merge: $id) { __typename } }', {
    id: merge?.id,
  });
}

async function membersOf(workspace: TestWorkspace, ...lists: string[]) {
  const members = await Promise.all(lists.map((list) => memberIds(workspace, list)));
  return Object.fromEntries(lists.map((list, index) => [list, members[index]]));
}

it('gives both customers their own lists back when their merge is undone', async () => {
  const lists = { FIRST: ['ada'], SECOND: ['bea'], BOTH: ['ada', 'bea'] };
  const workspace = await openLists(lists);
  await workspace.send([alias('bea', 'ada')]);
  const merged = await membersOf(workspace, 'FIRST', 'SECOND', 'BOTH');

  await undoMergeInto(workspace, 'bea', 'ada');

  expect(merged).toEqual({ FIRST: ['bea'], SECOND: ['bea'], BOTH: ['bea'] });
  expect(await membersOf(workspace, 'FIRST', 'SECOND', 'BOTH')).toEqual(lists);
});

it('leaves what was added while merged to the survivor, and removes from both what was removed', async () => {
  const workspace = await openLists({ KEPT: ['ada'], REMOVED: ['ada'], ADDED: [], AGAIN: ['ada'] });
  await workspace.send([alias('bea', 'ada')]);

  await changeList(workspace, 'removeSegmentMembers', 'REMOVED', ['bea']);
  await changeList(workspace, 'addSegmentMembers', 'ADDED', ['bea']);
  await changeList(workspace, 'addSegmentMembers', 'AGAIN', ['bea']);
  await undoMergeInto(workspace, 'bea', 'ada');

  expect(await membersOf(workspace, 'KEPT', 'REMOVED', 'ADDED', 'AGAIN')).toEqual({
    KEPT: ['ada'],
    REMOVED: [],
    ADDED: ['bea'],
    AGAIN: ['ada', 'bea'],
  });
});

it('restores the lists of a customer that was merged twice', async () => {
  const workspace = await openLists({ OF_ADA: ['ada'], OF_BEA: ['bea'] });
  await workspace.send([alias('bea', 'ada'), alias('cleo', 'bea')]);
  const merged = await membersOf(workspace, 'OF_ADA', 'OF_BEA');

  await undoMergeInto(workspace, 'cleo', 'bea');
  const once = await membersOf(workspace, 'OF_ADA', 'OF_BEA');
  await undoMergeInto(workspace, 'bea', 'ada');

  expect(merged).toEqual({ OF_ADA: ['cleo'], OF_BEA: ['cleo'] });
  expect(once).toEqual({ OF_ADA: ['bea'], OF_BEA: ['bea'] });
  expect(await membersOf(workspace, 'OF_ADA', 'OF_BEA')).toEqual({
    OF_ADA: ['ada'],
    OF_BEA: ['bea'],
  });
});

it('updates what depends on a list when it is restored', async () => {
  const workspace = await openLists({ VIP: ['ada'] });
  const dependent = { name: 'Dependent', filter: { segment: { in: ['VIP'] } } };
  await createTestSegment(workspace, dependent);
  await expect.poll(() => memberIds(workspace, 'DEPENDENT')).toEqual(['ada']);
  await workspace.send([alias('bea', 'ada')]);
  expect(await memberIds(workspace, 'DEPENDENT')).toEqual(['bea']);

  await undoMergeInto(workspace, 'bea', 'ada');

  expect(await memberIds(workspace, 'DEPENDENT')).toEqual(['ada']);
});
