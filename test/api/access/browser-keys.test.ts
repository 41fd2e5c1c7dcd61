import { describe, expect, it } from 'vitest';
import { createKey } from '../../../src/access/keys.ts';
import type { Scope } from '../../../src/access/principal.ts';
import { newWorkspace, type TestWorkspace, useServer } from '../../support/server.ts';

const server = useServer();

/** A workspace with a key for browsers beside its own. */
async function newShop() {
  const workspace = await newWorkspace(server);
  const request = { name: 'site', scopes: ['collect'] } as const;
  const { key } = await createKey(server.database, workspace.id, request);
  const fromBrowser = (calls: object[]) => workspace.send(calls, key);
  return { workspace, key, fromBrowser };
}

const customersOf = (workspace: TestWorkspace) =>
  workspace.query<{ customers: { nodes: Customer[] } }>(
    '{ customers { nodes { userId events { nodes { kind name trust } } } } }',
  );

interface Customer {
  userId: string | null;
  events: { nodes: Array<{ kind: string; name: string; trust: string }> };
}

async function eventsByUser(workspace: TestWorkspace) {
  const { customers } = await customersOf(workspace);
  const sorted = customers.nodes.toSorted((a, b) => `${a.userId}`.localeCompare(`${b.userId}`));
  return sorted.map(({ userId, events }) => [userId, events.nodes.length]);
}

const refused = (index: number) => ({
  index,
  status: 'refused',
  messageId: null,
  code: 'EVENT_NOT_ALLOWED',
  message: expect.stringMatching(/^previousId: .+ Send an alias of two users from a server$/),
});

describe('a key with the scope collect', () => {
  it('identifies its own visitor, and its events are marked as sent by a browser', async () => {
    const { workspace, fromBrowser } = await newShop();

    await fromBrowser([{ type: 'page', anonymousId: 'v' }]);
    await fromBrowser([{ type: 'identify', anonymousId: 'v', userId: 'ada' }]);
    await workspace.send([{ type: 'track', userId: 'ada', event: 'Shipped' }]);

    const { customers } = await customersOf(workspace);
    expect(customers.nodes).toEqual([
      {
        userId: 'ada',
        events: {
          nodes: [
            { kind: 'TRACK', name: 'Shipped', trust: 'SERVER' },
            { kind: 'IDENTIFY', name: 'identify', trust: 'BROWSER' },
            { kind: 'PAGE', name: 'page', trust: 'BROWSER' },
          ],
        },
      },
    ]);
  });

  it('marks the events of the timeline too', async () => {
    const { workspace, fromBrowser } = await newShop();
    await fromBrowser([{ type: 'page', userId: 'ada' }]);

    const { customer } = await workspace.query<{ customer: object }>(
      '{ customer(by: { userId: "ada" }) { timeline { nodes { ... on Event { trust } } } } }',
    );

    expect(JSON.stringify(customer)).toContain('{"trust":"BROWSER"}');
  });

  it.each<[string, object]>([
    ['its anonymousId', { anonymousId: 'v' }],
    ['no anonymousId', {}],
  ])('aliases its own visitor with %s', async (_how, more) => {
    const { workspace, fromBrowser } = await newShop();
    await fromBrowser([{ type: 'page', anonymousId: 'v' }]);

    await fromBrowser([{ type: 'alias', userId: 'ada', previousId: 'v', ...more }]);

    expect(await eventsByUser(workspace)).toEqual([['ada', 2]]);
  });

  it('is refused an alias of another id, beside events that are accepted', async () => {
    const { workspace, fromBrowser } = await newShop();
    await fromBrowser([
      { type: 'page', userId: 'ada' },
      { type: 'page', userId: 'bob' },
    ]);

    const { status, body } = await fromBrowser([
      { type: 'alias', userId: 'ada', previousId: 'bob', anonymousId: 'v' },
      { type: 'page', userId: 'ada' },
    ]);

    expect(status).toBe(207);
    expect(body.results).toEqual([refused(0), expect.objectContaining({ status: 'accepted' })]);
    expect(await eventsByUser(workspace)).toEqual([
      ['ada', 2],
      ['bob', 1],
    ]);
  });

  it.each<[string, object[]]>([
    ['the userId of another', [{ type: 'page', userId: 'bob' }]],
    [
      'the visitor of another',
      [
        { type: 'page', anonymousId: 'bob' },
        { type: 'identify', anonymousId: 'bob', userId: 'bob' },
      ],
    ],
  ])('joins nobody by an alias of %s under the name of its visitor', async (_who, others) => {
    const { workspace, fromBrowser } = await newShop();
    await workspace.send([{ type: 'page', userId: 'ada' }, ...others]);

    await fromBrowser([{ type: 'alias', userId: 'ada', previousId: 'bob', anonymousId: 'bob' }]);

    expect((await eventsByUser(workspace)).map(([userId]) => userId)).toEqual(['ada', 'bob']);
  });

  it('may not be given another scope, because it is public', async () => {
    const workspace = await newWorkspace(server, { scopes: ['admin'] });
    const create = (scopes: string) =>
      workspace.query<{ createApiKey: object }>(
        `mutation { createApiKey(name: "k", scopes: [${scopes}]) { __typename ... on InvalidInput { code message } } }`,
      );

    const alone = await create('COLLECT');
    const combined = await create('COLLECT, READ');

    expect(alone.createApiKey).toEqual({ __typename: 'CreateApiKeyPayload' });
    expect(combined.createApiKey).toMatchObject({
      code: 'INVALID_INPUT',
      message: expect.stringContaining('which everyone can read. Create a separate key'),
    });
  });
});

describe('without an Authorization header', () => {
  const send = async (path: string, body: string) => {
    const response = await fetch(server.url + path, {
      method: 'POST',
      headers: { 'content-type': 'text/plain' },
      body,
    });
    return { status: response.status, body: await response.text() };
  };

  it.each([
    ['/v1/p', (writeKey: string) => ({ writeKey, anonymousId: 'v' })],
    ['/v1/b', (writeKey: string) => ({ writeKey, batch: [{ type: 'page', anonymousId: 'v' }] })],
  ])('%s takes the key from the body', async (path, bodyWith) => {
    const { workspace, key } = await newShop();

    const { status } = await send(path, JSON.stringify(bodyWith(key)));

    expect(status).toBe(200);
    expect(await eventsByUser(workspace)).toEqual([[null, 1]]);
  });

  it.each<[string, unknown, Scope[], number]>([
    ['no key', undefined, ['ingest'], 401],
    ['a key that is not text', 7, ['ingest'], 401],
    ['an unknown key', 'stl_live_x', ['ingest'], 401],
    ['a key that may not send', '', ['read', 'write'], 403],
  ])('a call with %s in the body is refused', async (_what, given, scopes, expected) => {
    const { key } = await newWorkspace(server, { scopes });

    const { status } = await send(
      '/v1/p',
      JSON.stringify({ writeKey: given === '' ? key : given }),
    );

    expect(status).toBe(expected);
  });

  it('no more of a body is read than a beacon can have', async () => {
    const { key } = await newShop();
    const batch = Array.from({ length: 700 }, () => ({
      type: 'page',
      anonymousId: 'v'.repeat(80),
    }));

    const { status, body } = await send('/v1/b', JSON.stringify({ writeKey: key, batch }));

    expect([status, body]).toEqual([413, expect.stringContaining('65536')]);
  });
});
