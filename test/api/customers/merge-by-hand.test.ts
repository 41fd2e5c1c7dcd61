import { beforeEach, expect, it } from 'vitest';
import { mergeCustomers, readCustomer, undoMerge } from '../../support/edits.ts';
import { lockIngestion } from '../../support/lock-ingestion.ts';
import { newWorkspace, type TestWorkspace, useServer } from '../../support/server.ts';

const server = useServer();
const seen = '2026-01-01T12:00:00.000Z';
let workspace: TestWorkspace;

beforeEach(async () => {
  server.clock.now = new Date(seen);
  workspace = await newWorkspace(server);
  await workspace.send([
    { type: 'identify', userId: 'ada', traits: { email: 'ada@example.com' }, timestamp: seen },
    { type: 'page', anonymousId: 'tablet', name: 'Home', timestamp: seen },
    { type: 'identify', userId: 'ben', traits: { email: 'ben@example.com' }, timestamp: seen },
  ]);
  server.clock.now = new Date('2026-02-10T12:00:00.000Z');
});

const ada = () => readCustomer(workspace, { userId: 'ada' });
const ben = () => readCustomer(workspace, { userId: 'ben' });
const tablet = () => readCustomer(workspace, { anonymousId: 'tablet' });

async function eventNames(userId: string) {
  const { customer } = await workspace.query<{
    customer: { events: { nodes: Array<{ name: string }> } };
  }>(
    'query ($userId: String!) { customer(by: { userId: $userId }) { events { nodes { name } } } }',
    { userId },
  );
  return customer.events.nodes.map(({ name }) => name);
}

it('merges two customers, with the edit as the event of the merge', async () => {
  const [from, into] = [await tablet(), await ada()];

  const { merge } = await mergeCustomers(workspace, { from: from.id, into: into.id });

  expect(merge).toMatchObject({
    into: { id: into.id },
    event: { name: 'Customers Merged', origin: 'SYSTEM', context: { keyId: expect.any(String) } },
  });
  expect(await tablet()).toMatchObject({
    id: into.id,
    userId: 'ada',
    eventCount: 2,
    lastSeenAt: seen,
  });
});

it('merges two users, and undoing it separates them', async () => {
  const [before, from] = [await ada(), await ben()];
  const { merge } = await mergeCustomers(workspace, { from: from.id, into: before.id });
  expect(await ben()).toMatchObject({ id: before.id, userId: 'ada', eventCount: 2 });

  await undoMerge(workspace, merge?.id);

  expect(await ada()).toEqual(before);
  expect(await ben()).toEqual(from);
});

it('merges again what was separated', async () => {
  const pair = { from: (await ben()).id, into: (await ada()).id };
  const { merge } = await mergeCustomers(workspace, pair);
  await undoMerge(workspace, merge?.id);

  await mergeCustomers(workspace, pair);

  expect((await ben()).userId).toBe('ada');
});

it('merges the survivors of customers that were merged before', async () => {
  const [one, two, three] = [await tablet(), await ben(), await ada()];
  await mergeCustomers(workspace, { from: one.id, into: two.id });

  const { merge } = await mergeCustomers(workspace, { from: one.id, into: three.id });

  expect(merge?.into.id).toBe(three.id);
  expect((await ben()).userId).toBe('ada');
  expect((await tablet()).userId).toBe('ada');
});

it('refuses the same customer twice', async () => {
  const { id } = await ada();

  const refused = await mergeCustomers(workspace, { from: id, into: id });

  expect(refused.code).toBe('INVALID_INPUT');
});

it('refuses an unknown customer', async () => {
  const { id } = await ada();

  for (const pair of [
    { from: crypto.randomUUID(), into: id },
    { from: id, into: crypto.randomUUID() },
  ]) {
    expect((await mergeCustomers(workspace, pair)).code).toBe('NOT_FOUND');
  }
});

it('refuses two ids of one customer', async () => {
  const pair = { from: (await tablet()).id, into: (await ada()).id };
  await mergeCustomers(workspace, pair);

  expect((await mergeCustomers(workspace, pair)).code).toBe('ALREADY_MERGED');
  expect(await eventNames('ada')).toEqual(['Customers Merged', 'Home', 'identify']);
});

it('waits for events that are being applied, and merges the customers as they left them', async () => {
  const pair = { from: (await ben()).id, into: (await ada()).id };
  const ingestionLock = await lockIngestion(server, workspace.id);

  const merging = mergeCustomers(workspace, pair);
  await ingestionLock.waitUntilBlocked();
  expect((await ben()).userId).toBe('ben');
  await ingestionLock.release();

  expect((await merging).merge?.into.id).toBe(pair.into);
  expect((await ben()).userId).toBe('ada');
});

it('moves the survivor between stages with the edit as the cause', async () => {
  await workspace.send([{ type: 'track', anonymousId: 'tablet', event: 'Order Completed' }]);

  await mergeCustomers(workspace, { from: (await tablet()).id, into: (await ada()).id });

  const { transitions } = await workspace.query<{
    transitions: { nodes: Array<{ cause: string; evidence: { name: string } | null }> };
  }>('query ($id: ID!) { transitions(customer: $id) { nodes { cause evidence { name } } } }', {
    id: (await ada()).id,
  });
  expect(transitions.nodes[0]).toEqual({ cause: 'MERGE', evidence: { name: 'Customers Merged' } });
});
