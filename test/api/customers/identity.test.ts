import { describe, expect, it } from 'vitest';
import { storedChanges } from '../../support/inspect.ts';
import { newWorkspace, type TestWorkspace, useServer } from '../../support/server.ts';

const server = useServer();

const page = (who: object, more: object = {}) => ({ type: 'page', name: 'Home', ...who, ...more });
const order = (who: object, more: object = {}) => ({
  type: 'track',
  event: 'Order Completed',
  properties: { total: 10 },
  ...who,
  ...more,
});
const identify = (who: object, traits: object = {}) => ({ type: 'identify', ...who, traits });

type By = { userId: string } | { anonymousId: string } | { email: string } | { id: string };

interface Person {
  id: string;
  userId: string | null;
  orderCount: number;
  eventCount: number;
  mergedInto: { id: string } | null;
  merges: Array<{ id: string; undoneAt: string | null }>;
  identities: Array<{ kind: string; value: string }>;
}

async function find(workspace: TestWorkspace, by: By) {
  const { customer } = await workspace.query<{ customer: Person | null }>(
    `query ($by: CustomerBy!) { customer(by: $by) {
       id userId orderCount eventCount mergedInto { id } merges { id undoneAt } identities { kind value }
     } }`,
    { by },
  );
  if (!customer) throw new Error(`Nobody is known as ${JSON.stringify(by)}`);
  return customer;
}

const idOf = async (workspace: TestWorkspace, by: By) => (await find(workspace, by)).id;

async function countCustomers(workspace: TestWorkspace) {
  const { customers, lifecycle } = await workspace.query<{
    customers: { totalCount: number };
    lifecycle: { stages: Array<{ key: string; customerCount: number }> };
  }>('{ customers { totalCount } lifecycle { stages { key customerCount } } }');
  const stages = lifecycle.stages.filter(({ customerCount }) => customerCount > 0);
  return {
    total: customers.totalCount,
    stages: Object.fromEntries(stages.map(({ key, customerCount }) => [key, customerCount])),
  };
}

async function changesOf(workspace: TestWorkspace, kind: string) {
  return (await storedChanges(server, workspace)).filter((change) => change.kind === kind);
}

async function undo(workspace: TestWorkspace, merge: string | undefined) {
  const { undoMerge } = await workspace.query<{ undoMerge: Record<string, unknown> }>(
    `mutation ($merge: ID!) { undoMerge(merge: $merge) {
       __typename ... on UndoMergePayload { customer { id } } ... on Refusal { code }
     } }`,
    { merge },
  );
  return undoMerge;
}

describe('an anonymous visitor that identifies', () => {
  it('becomes a customer with that user id if it is new', async () => {
    const workspace = await newWorkspace(server);
    await workspace.send([page({ anonymousId: 'a1' })]);
    const visitor = await idOf(workspace, { anonymousId: 'a1' });

    await workspace.send([
      identify({ userId: 'u1', anonymousId: 'a1' }, { email: 'U1@Example.com' }),
    ]);

    const found = await find(workspace, { userId: 'u1' });
    expect(found).toMatchObject({ id: visitor, userId: 'u1', eventCount: 2, merges: [] });
    expect(await idOf(workspace, { email: 'u1@example.com' })).toBe(visitor);
    expect(await countCustomers(workspace)).toEqual({ total: 1, stages: { ACQUISITION: 1 } });
    expect(await changesOf(workspace, 'CUSTOMER_MERGED')).toEqual([]);
  });

  it('merges into the existing user', async () => {
    const workspace = await newWorkspace(server);
    await workspace.send([order({ anonymousId: 'a1' }), page({ userId: 'u1' })]);
    const [visitor, user] = [
      await idOf(workspace, { anonymousId: 'a1' }),
      await idOf(workspace, { userId: 'u1' }),
    ];

    await workspace.send([identify({ userId: 'u1', anonymousId: 'a1' })]);

    const survivor = await find(workspace, { userId: 'u1' });
    expect(survivor).toMatchObject({ id: user, orderCount: 1, eventCount: 3, mergedInto: null });
    expect(survivor.identities).toEqual([
      { kind: 'anonymous_id', value: 'a1' },
      { kind: 'user_id', value: 'u1' },
    ]);
    expect(await idOf(workspace, { anonymousId: 'a1' })).toBe(user);
    expect(await idOf(workspace, { id: visitor })).toBe(user);
    expect(await countCustomers(workspace)).toEqual({ total: 1, stages: { CONVERSION: 1 } });
    expect(await changesOf(workspace, 'CUSTOMER_MERGED')).toHaveLength(1);
  });

  it('keeps the history of both in one timeline', async () => {
    const workspace = await newWorkspace(server);
    const on = (day: number) => ({ timestamp: `2026-01-0${day}T00:00:00Z` });
    await workspace.send([
      page({ anonymousId: 'a1' }, { ...on(1), name: 'First' }),
      page({ userId: 'u1' }, { ...on(2), name: 'Second' }),
      page({ anonymousId: 'a1' }, { ...on(3), name: 'Third' }),
      page({ userId: 'u1', anonymousId: 'a1' }, { ...on(4), name: 'Fourth' }),
    ]);

    const { customer } = await workspace.query<{ customer: { timeline: { nodes: object[] } } }>(
      `{ customer(by: { anonymousId: "a1" }) { timeline(first: 50) { nodes {
           __typename ... on Event { name } ... on StageChanged { toKey }
         } } } }`,
    );

    expect(customer.timeline.nodes).toEqual([
      { __typename: 'CustomerMerged' },
      { __typename: 'Event', name: 'Fourth' },
      { __typename: 'Event', name: 'Third' },
      { __typename: 'StageChanged', toKey: 'ACQUISITION' },
      { __typename: 'CustomerCreated' },
      { __typename: 'Event', name: 'Second' },
      { __typename: 'StageChanged', toKey: 'REACH' },
      { __typename: 'CustomerCreated' },
      { __typename: 'Event', name: 'First' },
    ]);
  });

  it('is the customer first seen when visitors merge', async () => {
    const workspace = await newWorkspace(server);
    await workspace.send([page({ anonymousId: 'a1' }), page({ anonymousId: 'a2' })]);
    const first = await idOf(workspace, { anonymousId: 'a1' });

    await workspace.send([
      identify({ anonymousId: 'a1' }, { email: 'x@example.com' }),
      identify({ anonymousId: 'a2' }, { email: 'X@example.com ' }),
    ]);

    expect(await idOf(workspace, { anonymousId: 'a2' })).toBe(first);
    expect(await countCustomers(workspace)).toEqual({ total: 1, stages: { ACQUISITION: 1 } });
  });
});

describe('two users', () => {
  it('are not merged by a shared device or e-mail address', async () => {
    const workspace = await newWorkspace(server);

    await workspace.send([
      identify({ userId: 'u1', anonymousId: 'device' }, { email: 'family@example.com' }),
      identify({ userId: 'u2', anonymousId: 'device' }, { email: 'family@example.com' }),
      order({ userId: 'u2', anonymousId: 'device' }),
      order({ userId: 'u1', anonymousId: 'device' }),
      order({ userId: 'u1', anonymousId: 'device' }),
    ]);

    expect(await find(workspace, { userId: 'u1' })).toMatchObject({ orderCount: 2, eventCount: 3 });
    expect(await find(workspace, { userId: 'u2' })).toMatchObject({ orderCount: 1, eventCount: 2 });
    expect(await countCustomers(workspace)).toEqual({
      total: 2,
      stages: { CONVERSION: 1, RETENTION: 1 },
    });
  });

  it('are merged by an alias call', async () => {
    const workspace = await newWorkspace(server);
    await workspace.send([order({ userId: 'old' }), order({ userId: 'new' })]);
    const old = await idOf(workspace, { userId: 'old' });

    await workspace.send([{ type: 'alias', userId: 'new', previousId: 'old' }]);
    await workspace.send([order({ userId: 'old' })]);

    const merged = await find(workspace, { userId: 'old' });
    expect(merged).toMatchObject({ userId: 'new', orderCount: 3, eventCount: 4 });
    expect(await idOf(workspace, { id: old })).toBe(merged.id);
    expect(await changesOf(workspace, 'CUSTOMER_MERGED')).toHaveLength(1);
    expect(await countCustomers(workspace)).toEqual({ total: 1, stages: { RETENTION: 1 } });
  });
});

describe('undoing a merge', () => {
  async function mergedWorkspace() {
    const workspace = await newWorkspace(server);
    await workspace.send([
      order({ anonymousId: 'a1' }),
      order({ userId: 'u1' }),
      page({ userId: 'u1', anonymousId: 'a1' }),
    ]);
    const { id, merges } = await find(workspace, { userId: 'u1' });
    return { workspace, id, merge: merges[0]?.id };
  }

  it('restores two customers, each with the events of its own identities', async () => {
    const { workspace, id, merge } = await mergedWorkspace();
    await workspace.send([order({ anonymousId: 'a1' })]);
    const together = await countCustomers(workspace);

    const undone = await undo(workspace, merge);

    const [user, visitor] = [
      await find(workspace, { userId: 'u1' }),
      await find(workspace, { anonymousId: 'a1' }),
    ];
    expect(together).toEqual({ total: 1, stages: { RETENTION: 1 } });
    expect(undone).toEqual({ __typename: 'UndoMergePayload', customer: { id: visitor.id } });
    expect(user).toMatchObject({ id, userId: 'u1', orderCount: 1, eventCount: 2 });
    expect(visitor).toMatchObject({ userId: null, orderCount: 2, eventCount: 2, mergedInto: null });
    expect(await countCustomers(workspace)).toEqual({
      total: 2,
      stages: { CONVERSION: 1, RETENTION: 1 },
    });
    expect(await changesOf(workspace, 'CUSTOMER_UNMERGED')).toHaveLength(1);
  });

  it('assigns later events by identity without merging again', async () => {
    const { workspace, merge } = await mergedWorkspace();
    await undo(workspace, merge);

    await workspace.send([
      order({ anonymousId: 'a1' }),
      order({ userId: 'u1', anonymousId: 'a1' }),
      order({ userId: 'u1' }),
    ]);

    expect(await find(workspace, { anonymousId: 'a1' })).toMatchObject({ orderCount: 2 });
    expect(await find(workspace, { userId: 'u1' })).toMatchObject({ orderCount: 3 });
    expect(await changesOf(workspace, 'CUSTOMER_MERGED')).toHaveLength(1);
  });

  it('can be reverted by an alias call, which merges again', async () => {
    const { workspace, merge } = await mergedWorkspace();
    await undo(workspace, merge);

    await workspace.send([{ type: 'alias', userId: 'u1', previousId: 'a1' }]);

    const found = await find(workspace, { anonymousId: 'a1' });
    expect(found).toMatchObject({ userId: 'u1', orderCount: 2, eventCount: 4 });
    expect(found.merges.map(({ undoneAt }) => undoneAt === null)).toEqual([true, false]);
  });

  it('does nothing the second time, or without a merge', async () => {
    const { workspace, merge } = await mergedWorkspace();
    const other = await newWorkspace(server);

    const fromOutside = await undo(other, merge);
    await undo(workspace, merge);
    const again = await undo(workspace, merge);

    expect(again).toEqual({ __typename: 'NotFound', code: 'NOT_FOUND' });
    expect(fromOutside).toEqual(again);
    expect(await undo(workspace, 'nonsense')).toEqual(again);
  });

  it('undoes a chain of merges in any order', async () => {
    const workspace = await newWorkspace(server);
    await workspace.send([
      ...['a1', 'a2'].map((anonymousId) => order({ anonymousId })),
      identify({ anonymousId: 'a1' }, { email: 'x@example.com' }),
      identify({ anonymousId: 'a2' }, { email: 'x@example.com' }),
      order({ userId: 'u1' }),
      identify({ userId: 'u1', anonymousId: 'a2' }),
    ]);
    const whole = await find(workspace, { userId: 'u1' });
    const [outer] = whole.merges;
    const visitor = await workspace.query<{ node: { from: Person } }>(
      'query ($id: ID!) { node(id: $id) { ... on Merge { from { merges { id } } } } }',
      { id: outer?.id },
    );

    await undo(workspace, visitor.node.from.merges[0]?.id);
    const inner = await find(workspace, { anonymousId: 'a2' });
    await undo(workspace, outer?.id);

    expect(whole.orderCount).toBe(3);
    expect(inner).toMatchObject({ userId: null, orderCount: 1 });
    expect(await find(workspace, { anonymousId: 'a1' })).toMatchObject({ orderCount: 1 });
    expect(await find(workspace, { userId: 'u1' })).toMatchObject({ orderCount: 1 });
    expect((await countCustomers(workspace)).total).toBe(3);
  });
});
