import { describe, expect, it } from 'vitest';
import { createBuiltSegment } from '../../support/segments.ts';
import { newWorkspace, type TestWorkspace, useServer } from '../../support/server.ts';

const server = useServer();

const on = (day: number) => `2026-01-${String(day).padStart(2, '0')}T00:00:00.000Z`;
const identify = (userId: string, email: string | null | undefined, day = 1) => ({
  type: 'identify',
  userId,
  traits: email === undefined ? {} : { email },
  timestamp: on(day),
});

async function lookUp(workspace: TestWorkspace, email: string) {
  const { customer } = await workspace.query<{ customer: { userId: string } | null }>(
    'query ($email: String!) { customer(by: { email: $email }) { userId } }',
    { email },
  );
  return customer?.userId;
}

async function whoMatches(workspace: TestWorkspace, where: object) {
  const { customers } = await workspace.query<{ customers: { nodes: Array<{ userId: string }> } }>(
    `query ($where: CustomerFilter!) {
       customers(where: $where, orderBy: { field: CREATED, direction: ASC }) { nodes { userId } }
     }`,
    { where },
  );
  return customers.nodes.map(({ userId }) => userId);
}

async function profileOf(workspace: TestWorkspace, userId: string) {
  const { customer } = await workspace.query<{ customer: object }>(
    `query ($userId: String!) { customer(by: { userId: $userId }) {
       email traits identified identities { kind value since }
     } }`,
    { userId },
  );
  return customer;
}

const named = (value: string) => ({ identity: { kind: 'email', value: { equals: value } } });

describe('two customers with one address', () => {
  async function twoHolders() {
    const workspace = await newWorkspace(server);
    await createBuiltSegment(workspace, 'REACHABLE', { identity: { kind: 'email' } });
    await workspace.send([identify('f1', 'shared@example.com')]);
    await workspace.send([identify('f2', 'SHARED@example.com', 2)]);
    return workspace;
  }

  it('both show it and both match filters by it', async () => {
    const workspace = await twoHolders();

    const guide = {
      all: [
        { identity: { kind: 'email' } },
        { not: { consent: { purpose: 'newsletter', is: 'DENIED' } } },
      ],
    };
    expect(await whoMatches(workspace, guide)).toEqual(['f1', 'f2']);
    expect(await whoMatches(workspace, named('shared@example.com'))).toEqual(['f1', 'f2']);
    expect(await whoMatches(workspace, { segment: { in: ['REACHABLE'] } })).toEqual(['f1', 'f2']);
    expect(await profileOf(workspace, 'f2')).toMatchObject({
      email: 'SHARED@example.com',
      identities: [
        { kind: 'email', value: 'shared@example.com', since: on(2) },
        { kind: 'user_id', value: 'f2' },
      ],
    });
  });

  it('the address leads to the first of them', async () => {
    expect(await lookUp(await twoHolders(), 'Shared@example.com')).toBe('f1');
  });

  it('both have it in why, in one batch as in two', async () => {
    const workspace = await newWorkspace(server);
    await workspace.send([identify('f1', 'x@example.com'), identify('f2', 'x@example.com')]);

    const { customer } = await workspace.query<{ customer: object }>(
      `query ($where: CustomerFilter!) {
         customer(by: { userId: "f2" }) { why(of: { where: $where }) { clauses { holds actual } } }
       }`,
      { where: named('x@example.com') },
    );

    expect(customer).toEqual({
      why: { clauses: [{ holds: true, actual: ['x@example.com'] }] },
    });
  });

  it('count as one with one address after an alias, and as two after it is undone', async () => {
    const workspace = await twoHolders();
    await workspace.send([{ type: 'alias', userId: 'f1', previousId: 'f2' }]);
    const { customer } = await workspace.query<{
      customer: { identities: object[]; merges: Array<{ id: string }> };
    }>('{ customer(by: { userId: "f1" }) { identities { kind value } merges { id } } }');

    await workspace.query('mutation ($merge: ID!) { undoMerge(merge: $merge) { __typename } }', {
      merge: customer.merges[0]?.id,
    });

    expect(customer.identities).toEqual([
      { kind: 'email', value: 'shared@example.com' },
      { kind: 'user_id', value: 'f1' },
      { kind: 'user_id', value: 'f2' },
    ]);
    expect(await whoMatches(workspace, named('shared@example.com'))).toEqual(['f1', 'f2']);
  });
});

describe('an address that moves', () => {
  const steps = [
    identify('old', 'x@example.com', 1),
    identify('old', 'y@example.com', 5),
    identify('new', 'x@example.com', 9),
  ];

  it.each([
    ['in three batches', [[0], [1], [2]]],
    ['in one batch', [[0, 1, 2]]],
    ['when the change of address arrives last', [[0], [2], [1]]],
  ])('leads to its new holder, %s', async (_how, batches) => {
    const workspace = await newWorkspace(server);

    for (const batch of batches) await workspace.send(batch.flatMap((index) => steps[index] ?? []));

    expect(await lookUp(workspace, 'x@example.com')).toBe('new');
    expect(await lookUp(workspace, 'y@example.com')).toBe('old');
  });

  it('stays in the history of its former holder', async () => {
    const workspace = await newWorkspace(server);
    await workspace.send(steps);

    expect(await profileOf(workspace, 'old')).toMatchObject({
      email: 'y@example.com',
      identities: [
        { kind: 'email', value: 'x@example.com', since: on(1) },
        { kind: 'email', value: 'y@example.com', since: on(5) },
        { kind: 'user_id', value: 'old' },
      ],
    });
  });

  it('joins a visitor who gives it with its new holder', async () => {
    const workspace = await newWorkspace(server);
    await workspace.send(steps);

    await workspace.send([
      { type: 'page', anonymousId: 'a1', context: { traits: { email: 'x@example.com' } } },
    ]);

    const { customer } = await workspace.query<{ customer: object }>(
      '{ customer(by: { anonymousId: "a1" }) { userId } }',
    );
    expect(customer).toEqual({ userId: 'new' });
  });

  it('moves when its holder has removed it', async () => {
    const workspace = await newWorkspace(server);
    await workspace.send([
      identify('old', 'x@example.com', 1),
      identify('new', 'x@example.com', 2),
    ]);

    const before = await lookUp(workspace, 'x@example.com');
    await workspace.send([identify('old', null, 3)]);

    expect([before, await lookUp(workspace, 'x@example.com')]).toEqual(['old', 'new']);
  });

  it('leads to its last holder when nobody states it any more', async () => {
    const workspace = await newWorkspace(server);

    await workspace.send([...steps, identify('new', 'z@example.com', 12)]);

    expect(await lookUp(workspace, 'x@example.com')).toBe('new');
  });
});

it.each([
  ['one batch', 6],
  ['many batches', 1],
])(
  'decides by arrival which of two addresses of one instant counts after a merge, in %s',
  async (_how, size) => {
    const workspace = await newWorkspace(server);
    const partner = { context: { externalIds: [{ type: 'crm', id: 'p' }] } };
    const stated = { traits: { email: 'y@example.com' }, timestamp: on(1) };
    const calls = [
      identify('a', 'x@example.com'),
      { type: 'identify', anonymousId: 'b', ...stated },
      { type: 'page', userId: 'a', ...partner },
      // Merges b, whose address arrived later, into a: so a has left x.
      { type: 'page', anonymousId: 'b', ...partner },
      identify('u', 'x@example.com'),
      { type: 'page', anonymousId: 'v', context: { traits: { email: 'x@example.com' } } },
    ];

    for (let start = 0; start < calls.length; start += size) {
      await workspace.send(calls.slice(start, start + size));
    }

    const { customer } = await workspace.query<{ customer: object }>(
      '{ customer(by: { anonymousId: "v" }) { userId } }',
    );
    expect(customer).toEqual({ userId: 'u' });
  },
);

describe('identify', () => {
  it('corrects and removes traits and the address', async () => {
    const workspace = await newWorkspace(server);
    const traits = (values: object, day: number) => ({
      type: 'identify',
      anonymousId: 'a1',
      traits: values,
      timestamp: on(day),
    });
    const read = async () => {
      const { customer } = await workspace.query<{ customer: object }>(
        '{ customer(by: { anonymousId: "a1" }) { email name identified traits } }',
      );
      return customer;
    };
    await workspace.send([traits({ email: 'typo@example.com', name: 'Ada', plan: 'pro' }, 1)]);

    await workspace.send([traits({ email: 'ada@example.com' }, 2)]);
    const corrected = await read();
    await workspace.send([traits({ email: null, name: null, plan: null }, 3)]);

    expect(corrected).toMatchObject({ email: 'ada@example.com', name: 'Ada', identified: true });
    expect(await read()).toEqual({ email: null, name: null, identified: false, traits: {} });
    expect(await whoMatches(workspace, { fact: { identified: true } })).toEqual([]);
  });

  it('reads the address in its context', async () => {
    const workspace = await newWorkspace(server);
    const context = { traits: { email: 'ada@example.com' } };

    await workspace.send([{ type: 'identify', userId: 'u1', traits: { plan: 'pro' }, context }]);

    expect(await profileOf(workspace, 'u1')).toMatchObject({ email: 'ada@example.com' });
    expect(await lookUp(workspace, 'ada@example.com')).toBe('u1');
  });
});
