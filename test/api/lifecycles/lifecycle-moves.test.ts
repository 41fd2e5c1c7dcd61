import { afterEach, describe, expect, it } from 'vitest';
import { storedChanges } from '../../support/inspect.ts';
import { pollOptions } from '../../support/lock-ingestion.ts';
import { newWorkspace, type TestWorkspace, useServer } from '../../support/server.ts';

const server = useServer();

afterEach(() => {
  server.clock.now = undefined;
});

const order = (userId = 'u1') => ({ type: 'track', userId, event: 'Order Completed' });

const move = `mutation ($customer: ID!, $to: String!, $reason: String!, $pinUntil: DateTime, $pin: Boolean) {
  moveCustomer(customer: $customer, to: $to, reason: $reason, pinUntil: $pinUntil, pin: $pin) {
    __typename
    ... on MoveCustomerPayload { moved place { stage { key } pinned pinnedUntil } }
    ... on Refusal { code message }
    ... on MoveRefused { stageKey rule }
  } }`;

const unpin = `mutation ($customer: ID!) { unpinCustomer(customer: $customer, reason: "it is over") {
  __typename ... on UnpinCustomerPayload { unpinned place { stage { key } pinned } } } }`;

async function idOf(workspace: TestWorkspace, by: object = { userId: 'u1' }) {
  const { customer } = await workspace.query<{ customer: { id: string } }>(
    'query ($by: CustomerBy!) { customer(by: $by) { id } }',
    { by },
  );
  return customer.id;
}

async function placeOf(workspace: TestWorkspace) {
  const { customer } = await workspace.query<{
    customer: { stage: { stage: { key: string }; pinned: boolean; pinnedUntil: string | null } };
  }>('{ customer(by: { userId: "u1" }) { stage { stage { key } pinned pinnedUntil } } }');
  const { stage, ...pin } = customer.stage;
  return { stage: stage.key, ...pin };
}

const reason = 'Signed a contract on paper';

/** A customer with one order, which the rules place in CONVERSION. */
async function newCustomer() {
  const workspace = await newWorkspace(server);
  await workspace.send([order()]);
  const customer = await idOf(workspace);
  return {
    workspace,
    customer,
    move: async (to: string, more: object = {}) => {
      const { moveCustomer } = await workspace.query<{ moveCustomer: Record<string, unknown> }>(
        move,
        { customer, to, reason, ...more },
      );
      return moveCustomer;
    },
  };
}

it('refuses a move that a rule would revert at once and names the rule', async () => {
  const one = await newCustomer();

  const refused = await one.move('LOYALTY');

  expect(refused).toMatchObject({
    __typename: 'MoveRefused',
    code: 'MOVE_REFUSED',
    message: expect.stringContaining('CONVERSION'),
    stageKey: 'CONVERSION',
    rule: { fact: { orderCount: { atLeast: 1 } } },
  });
  expect(await placeOf(one.workspace)).toMatchObject({ stage: 'CONVERSION', pinned: false });
  expect(await storedChanges(server, one.workspace)).toHaveLength(2);
});

it('moves a customer with a pin and logs the actor and the reason', async () => {
  const one = await newCustomer();

  expect(await one.move('loyalty', { pin: true })).toEqual({
    __typename: 'MoveCustomerPayload',
    moved: true,
    place: { stage: { key: 'LOYALTY' }, pinned: true, pinnedUntil: null },
  });

  const { customer } = await one.workspace.query<{ customer: { transitions: object } }>(
    `{ customer(by: { userId: "u1" }) { transitions(first: 1) { nodes {
       fromKey toKey cause late actor { keyId name } reason lifecycleVersion evidence { name } } } } }`,
  );
  expect(customer.transitions).toEqual({
    nodes: [
      {
        fromKey: 'CONVERSION',
        toKey: 'LOYALTY',
        cause: 'MANUAL',
        late: false,
        actor: { keyId: one.workspace.key.split('_')[2], name: 'test' },
        reason,
        lifecycleVersion: 1,
        evidence: null,
      },
    ],
  });
});

async function lastTransition(workspace: TestWorkspace) {
  const { customer } = await workspace.query<{ customer: { transitions: { nodes: object[] } } }>(
    `{ customer(by: { userId: "u1" }) { transitions(first: 1) { nodes {
       toKey cause actor { name } reason } } } }`,
  );
  return customer.transitions.nodes[0];
}

it('keeps a pinned customer in its stage until it is unpinned', async () => {
  const { workspace, customer, ...one } = await newCustomer();
  await one.move('REACH', { pin: true });

  await workspace.send([order(), order()]);
  expect(await placeOf(workspace)).toEqual({ stage: 'REACH', pinned: true, pinnedUntil: null });

  expect(await workspace.query(unpin, { customer })).toEqual({
    unpinCustomer: {
      __typename: 'UnpinCustomerPayload',
      unpinned: true,
      place: { stage: { key: 'RETENTION' }, pinned: false },
    },
  });
  expect(await lastTransition(workspace)).toMatchObject({
    toKey: 'RETENTION',
    cause: 'MANUAL',
    actor: { name: 'test' },
    reason: 'it is over',
  });
  expect(await workspace.query(unpin, { customer })).toMatchObject({
    unpinCustomer: { unpinned: false },
  });
});

it('applies the rules to a customer at the instant its pin ends', async () => {
  const { workspace, ...one } = await newCustomer();
  const pinUntil = new Date(Date.now() + 1_500).toISOString();

  await one.move('REACH', { pinUntil });

  expect(await placeOf(workspace)).toEqual({ stage: 'REACH', pinned: true, pinnedUntil: pinUntil });
  await expect.poll(async () => (await placeOf(workspace)).stage, pollOptions).toBe('CONVERSION');
  const last = (await storedChanges(server, workspace)).at(-1);
  expect(last?.at.toISOString()).toBe(pinUntil);
  expect(last?.data).toMatchObject({ from: 'REACH', to: 'CONVERSION', cause: 'TIME' });
});

it('re-evaluates segments and other lifecycles that refer to the stage', async () => {
  const { workspace, ...one } = await newCustomer();
  const loyal = { stage: { lifecycle: 'REACH_TO_LOYALTY', in: ['LOYALTY'] } };
  await workspace.query(
    `mutation ($filter: CustomerFilter!, $stages: [StageInput!]!) {
       createSegment(key: "LOYAL", name: "Loyal", filter: $filter) { __typename }
       createLifecycle(key: "CLUB", name: "Club", stages: $stages) { __typename } }`,
    {
      filter: loyal,
      stages: [
        { key: 'OUT', name: 'Out', phase: 'AWARENESS', entry: { all: [] } },
        { key: 'IN', name: 'In', phase: 'LOYALTY', entry: loyal },
      ],
    },
  );
  const building =
    '{ segment(key: "LOYAL") { build { state } } lifecycle(key: "CLUB") { build { state } } }';
  const done = { build: { state: 'DONE' } };
  await expect
    .poll(() => workspace.query(building), pollOptions)
    .toEqual({ segment: done, lifecycle: done });

  await one.move('LOYALTY', { pin: true });

  expect(
    await workspace.query(
      `{ customer(by: { userId: "u1" }) { stage(lifecycle: "CLUB") { stage { key } }
           segments { segment { key } } } }`,
    ),
  ).toEqual({
    customer: { stage: { stage: { key: 'IN' } }, segments: [{ segment: { key: 'LOYAL' } }] },
  });
  const moves = (await storedChanges(server, workspace)).slice(-3);
  expect(moves.map(({ kind, data }) => [kind, data['cause']])).toEqual(
    expect.arrayContaining([
      ['STAGE_CHANGED', 'MANUAL'],
      ['STAGE_CHANGED', 'MANUAL'],
      ['SEGMENT_ENTERED', 'MANUAL'],
    ]),
  );
  const at = new Date().toISOString();
  expect(
    await workspace.query(
      `query ($at: DateTime!) { customer(by: { userId: "u1" }) { asOf(at: $at) {
         stage(lifecycle: "CLUB") { stageKey } segments { segment { key } } } } }`,
      { at },
    ),
  ).toEqual({
    customer: {
      asOf: { stage: { stageKey: 'IN' }, segments: [{ segment: { key: 'LOYAL' } }] },
    },
  });
});

describe('a move to the present stage', () => {
  it('changes nothing and returns moved: false', async () => {
    const one = await newCustomer();

    expect(await one.move('CONVERSION')).toMatchObject({ moved: false, place: { pinned: false } });

    expect(await storedChanges(server, one.workspace)).toHaveLength(2);
  });

  it('may set a pin, and without one keeps the existing pin', async () => {
    const one = await newCustomer();

    expect(await one.move('CONVERSION', { pin: true })).toMatchObject({ moved: false });
    expect(await one.move('CONVERSION')).toMatchObject({ moved: false });

    await one.workspace.send([order()]);
    expect(await placeOf(one.workspace)).toMatchObject({ stage: 'CONVERSION', pinned: true });
  });
});

describe('refuses a move', () => {
  it('to an unknown stage and lists the existing ones', async () => {
    const one = await newCustomer();

    expect(await one.move('NOWHERE')).toMatchObject({
      code: 'INVALID_INPUT',
      message: expect.stringContaining('REACH, ACQUISITION, CONVERSION, RETENTION, LOYALTY'),
    });
  });

  it.each([
    ['without a reason', { reason: '  ' }, 'reason'],
    ['with a pin in the past', { pinUntil: '2020-01-01T00:00:00Z' }, 'pinUntil'],
    ['with contradictory pins', { pinUntil: '2099-01-01T00:00:00Z', pin: false }, 'pinUntil'],
  ])('%s', async (_what, more, named) => {
    const one = await newCustomer();

    expect(await one.move('LOYALTY', more)).toMatchObject({
      code: 'INVALID_INPUT',
      message: expect.stringContaining(named),
    });
  });

  it('of a merged customer and names the surviving customer', async () => {
    const { workspace, ...one } = await newCustomer();
    await workspace.send([{ type: 'page', anonymousId: 'a1' }]);
    const visitor = await idOf(workspace, { anonymousId: 'a1' });
    await workspace.send([{ type: 'page', userId: 'u1', anonymousId: 'a1' }]);
    const survivor = Buffer.from(one.customer, 'base64url').toString().split(':')[1] ?? '';

    expect(await one.move('LOYALTY', { customer: visitor })).toMatchObject({
      code: 'INVALID_INPUT',
      message: expect.stringContaining(survivor),
    });
  });

  it('of an unknown customer', async () => {
    const one = await newCustomer();

    expect(await one.move('LOYALTY', { customer: crypto.randomUUID() })).toMatchObject({
      code: 'NOT_FOUND',
    });
  });

  it('with a read-only key', async () => {
    const workspace = await newWorkspace(server, { scopes: ['ingest', 'read'] });
    await workspace.send([order()]);

    const { body } = await workspace.graphql(move, {
      customer: await idOf(workspace),
      to: 'LOYALTY',
      reason,
    });

    expect(body.errors[0].extensions.code).toBe('FORBIDDEN');
  });
});
