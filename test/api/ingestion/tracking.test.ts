import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { storedEvents } from '../../support/inspect.ts';
import { newWorkspace, type TestWorkspace, useServer } from '../../support/server.ts';

const server = useServer();

afterEach(() => {
  server.clock.now = undefined;
});

const basic = (user: string, password = '') => ({
  authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
});

/** The stored row of the only event of a workspace. */
async function onlyEvent(workspace: TestWorkspace) {
  const events = await storedEvents(server, workspace);
  expect(events).toHaveLength(1);
  const [event] = events;
  if (!event) throw new Error('There is no event');
  return event;
}

async function postBytes(workspace: TestWorkspace, encoding: string, body: Buffer<ArrayBuffer>) {
  const response = await fetch(`${server.url}/v1/track`, {
    method: 'POST',
    headers: { authorization: `Bearer ${workspace.key}`, 'content-encoding': encoding },
    body,
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

describe('the routes', () => {
  const calls = [
    ['identify', { userId: 'u1', traits: { plan: 'pro' } }, 'identify', { plan: 'pro' }],
    ['track', { userId: 'u1', event: 'Tried', properties: { a: 1 } }, 'Tried', { a: 1 }],
    ['page', { anonymousId: 'a1', name: 'Home', properties: { url: '/' } }, 'Home', { url: '/' }],
    ['screen', { anonymousId: 'a1', name: 'Cart' }, 'Cart', {}],
    [
      'group',
      { userId: 'u1', groupId: 7, traits: { name: 'Acme' } },
      'group',
      { groupId: '7', traits: { name: 'Acme' } },
    ],
    ['alias', { userId: 'u1', previousId: 'a1' }, 'alias', { previousId: 'a1', userId: 'u1' }],
  ] as const;

  it.each(calls)('accept a single %s call', async (kind, call, name, properties) => {
    const workspace = await newWorkspace(server);

    const { status, body } = await workspace.post(`/v1/${kind}`, { ...call, messageId: 'm1' });

    expect({ status, body }).toEqual({
      status: 200,
      body: { success: true, status: 'accepted', messageId: 'm1' },
    });
    expect(await onlyEvent(workspace)).toMatchObject({ messageId: 'm1', kind, name, properties });
  });

  it('use the type of the route instead of that of the call', async () => {
    const workspace = await newWorkspace(server);

    await workspace.post('/v1/page', { type: 'track', event: 'Order Completed', userId: 'u1' });

    expect((await onlyEvent(workspace)).kind).toBe('page');
  });

  it('accept a batch of calls of every type', async () => {
    const workspace = await newWorkspace(server);

    const { status, body } = await workspace.send(
      calls.map(([type, call], index) => ({ ...call, type, messageId: `m${index}` })),
    );

    expect({ status, body }).toEqual({
      status: 200,
      body: {
        success: true,
        results: calls.map((_, index) => ({ index, status: 'accepted', messageId: `m${index}` })),
      },
    });
    expect((await storedEvents(server, workspace)).map(({ kind }) => kind)).toEqual(
      calls.map(([kind]) => kind),
    );
  });

  it('apply the context of a batch to all of its calls', async () => {
    const workspace = await newWorkspace(server);
    const own = { type: 'page', userId: 'u1', context: { ip: '::1' } };

    await workspace.post('/v1/batch', {
      context: { locale: 'mi-NZ' },
      batch: [{ type: 'page', userId: 'u1' }, own],
    });

    expect((await storedEvents(server, workspace)).map(({ context }) => context)).toEqual([
      { locale: 'mi-NZ' },
      { ip: '::1' },
    ]);
  });

  it('respond to CORS preflight requests', async () => {
    const response = await fetch(`${server.url}/v1/batch`, {
      method: 'OPTIONS',
      headers: {
        origin: 'https://shop.example',
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization,content-type,x-retry-count',
      },
    });

    expect(response.status).toBe(204);
    expect(response.headers.get('access-control-allow-origin')).toBe('https://shop.example');
    expect(response.headers.get('access-control-allow-credentials')).toBe('true');
    expect(response.headers.get('vary')).toBe('Origin');
    expect(response.headers.get('access-control-allow-methods')).toContain('POST');
    expect(response.headers.get('access-control-allow-headers')?.toLowerCase()).toMatch(
      /authorization.*content-type.*x-retry-count/,
    );
  });

  it('allow pages of other origins to read responses and refusals', async () => {
    const workspace = await newWorkspace(server);

    const taken = await workspace.post('/v1/page', { userId: 'u1' });
    const refused = await workspace.post('/v1/page', { userId: 'u1' }, { authorization: 'x' });

    expect(taken.headers.get('access-control-allow-origin')).toBe('*');
    expect(refused.headers.get('access-control-allow-origin')).toBe('*');
  });

  it('accept the key as the user name of HTTP Basic', async () => {
    const workspace = await newWorkspace(server);

    const right = await workspace.post('/v1/page', { userId: 'u1' }, basic(workspace.key));
    const wrong = await workspace.post('/v1/page', { userId: 'u1' }, basic('', workspace.key));

    expect(right.status).toBe(200);
    expect(wrong).toMatchObject({ status: 401, body: { code: 'UNAUTHENTICATED' } });
  });

  it('refuse a key without the scope ingest', async () => {
    const workspace = await newWorkspace(server, { scopes: ['read', 'write'] });

    const { status, body } = await workspace.post('/v1/page', { userId: 'u1' });

    expect({ status, code: body.code }).toEqual({ status: 403, code: 'FORBIDDEN' });
    expect(await storedEvents(server, workspace)).toEqual([]);
  });

  it('refuse other methods and other routes', async () => {
    const workspace = await newWorkspace(server);

    const read = await fetch(`${server.url}/v1/track`);
    const elsewhere = await workspace.post('/v1/tracks', { userId: 'u1' });

    expect([read.status, (await read.json()).code]).toEqual([405, 'METHOD_NOT_ALLOWED']);
    expect([elsewhere.status, elsewhere.body.code]).toEqual([404, 'NOT_FOUND']);
  });

  it.each([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
  ])('accept bodies compressed with %s', async (encoding, pack) => {
    const workspace = await newWorkspace(server);
    const packed = pack(JSON.stringify({ userId: 'u1', event: 'Tried', messageId: 'm1' }));

    const { status } = await postBytes(workspace, encoding, Buffer.from(packed));

    expect(status).toBe(200);
    expect((await onlyEvent(workspace)).messageId).toBe('m1');
  });

  it('refuse bodies that do not match their encoding', async () => {
    const workspace = await newWorkspace(server);
    const whole = gzipSync(JSON.stringify({ userId: 'u1', event: 'Tried' }));

    const answers = [
      await postBytes(workspace, 'gzip', Buffer.from('{"userId":"u1","event":"Tried"}')),
      await postBytes(workspace, 'gzip', Buffer.from(whole.subarray(0, -12))),
      await postBytes(workspace, 'zip', Buffer.from(whole)),
    ];

    expect(answers.map(({ status, body }) => [status, body['code']])).toEqual([
      [400, 'INVALID_INPUT'],
      [400, 'INVALID_INPUT'],
      [400, 'INVALID_INPUT'],
    ]);
    expect(await storedEvents(server, workspace)).toEqual([]);
  });

  it('accept numeric ids as equal to their decimal strings', async () => {
    const workspace = await newWorkspace(server);

    await workspace.send([
      { type: 'track', event: 'Tried', userId: 42, anonymousId: 7 },
      { type: 'track', event: 'Tried', userId: '42' },
    ]);

    const found = await workspace.query(
      `{ a: customer(by: { userId: "42" }) { eventCount }
         b: customer(by: { anonymousId: "7" }) { eventCount } }`,
    );
    expect(found).toEqual({ a: { eventCount: 2 }, b: { eventCount: 2 } });
  });

  it('ignore integrations and unknown fields', async () => {
    const workspace = await newWorkspace(server);
    const call = { userId: 'u1', event: 'Tried', channel: 'server', version: 2 };

    const { status } = await workspace.post('/v1/track', {
      ...call,
      integrations: { All: false, Other: { id: 1 } },
    });

    expect(status).toBe(200);
    expect((await onlyEvent(workspace)).properties).toEqual({});
  });
});

describe('an event', () => {
  const now = new Date('2026-03-01T12:00:00.000Z');
  const hour = 3_600_000;
  const fromNow = (ms: number) => new Date(now.getTime() + ms).toISOString();

  it.each([
    ['at the current time without a timestamp', {}, 0],
    [
      'at its timestamp when the clock is right',
      { timestamp: fromNow(-9_000 * hour), sentAt: fromNow(0) },
      -9_000 * hour,
    ],
    ['at its timestamp without a sentAt', { timestamp: fromNow(-hour) }, -hour],
    [
      'at its timestamp when it was delayed',
      { timestamp: fromNow(-hour), sentAt: fromNow(-5_000) },
      -hour,
    ],
    [
      'at a corrected time when the clock is an hour fast',
      { timestamp: fromNow(hour - 60_000), sentAt: fromNow(hour) },
      -60_000,
    ],
    [
      'at its timestamp when it was delivered an hour late',
      { timestamp: fromNow(-hour - 60_000), sentAt: fromNow(-hour) },
      -hour - 60_000,
    ],
    [
      'at its original timestamp when a pipeline forwards it five hours late',
      {
        originalTimestamp: fromNow(-5 * hour),
        timestamp: fromNow(-5 * hour + 200),
        sentAt: fromNow(-5 * hour + 1_000),
        receivedAt: fromNow(-5 * hour + 1_200),
      },
      -5 * hour,
    ],
    [
      'at a corrected time when a pipeline received it from a clock a day behind',
      {
        originalTimestamp: fromNow(-29 * hour),
        sentAt: fromNow(-29 * hour),
        receivedAt: fromNow(-5 * hour),
      },
      -5 * hour,
    ],
    [
      'at its original timestamp if it has one',
      { timestamp: fromNow(0), originalTimestamp: fromNow(-hour), sentAt: fromNow(0) },
      -hour,
    ],
    ['at the current time when stated up to 24 hours ahead', { timestamp: fromNow(24 * hour) }, 0],
    ['at a leap second', { timestamp: '2016-12-31T23:59:60Z' }, Date.UTC(2017, 0) - now.getTime()],
    [
      'at its timestamp in lower case',
      { timestamp: '2024-01-05t10:00:00z' },
      Date.UTC(2024, 0, 5, 10) - now.getTime(),
    ],
    [
      'at its timestamp with an offset without a colon',
      { timestamp: '2024-01-05T10:00:00+0000' },
      Date.UTC(2024, 0, 5, 10) - now.getTime(),
    ],
  ])('is dated %s', async (_how, times, expected) => {
    server.clock.now = now;
    const workspace = await newWorkspace(server);

    const { status } = await workspace.post('/v1/page', { userId: 'u1', ...times });

    expect(status).toBe(200);
    expect((await onlyEvent(workspace)).occurredAt).toEqual(new Date(fromNow(expected)));
  });

  it('is corrected by the sentAt of its batch, unless it has its own', async () => {
    server.clock.now = now;
    const workspace = await newWorkspace(server);
    const page = { type: 'page', userId: 'u1', timestamp: fromNow(-hour) };

    await workspace.post('/v1/batch', {
      sentAt: fromNow(hour),
      batch: [page, { ...page, sentAt: fromNow(0) }],
    });

    const events = await storedEvents(server, workspace);
    expect(events.map(({ occurredAt }) => occurredAt.toISOString())).toEqual([
      fromNow(-2 * hour),
      fromNow(-hour),
    ]);
  });

  it.each([
    ['EVENT_IN_FUTURE', { timestamp: fromNow(24 * hour + 1) }],
    ['EVENT_IN_FUTURE', { timestamp: fromNow(26 * hour), sentAt: fromNow(hour) }],
    ['INVALID_EVENT', { timestamp: '1899-12-31T23:59:59Z' }],
    ['INVALID_EVENT', { timestamp: '5' }],
    ['INVALID_EVENT', { timestamp: '2026-02-30T00:00:00Z' }],
    ['INVALID_EVENT', { timestamp: '2026-02-03T00:00:00' }],
    ['INVALID_EVENT', { sentAt: 'now' }],
  ])('is refused with %s when dated %j', async (code, times) => {
    server.clock.now = now;
    const workspace = await newWorkspace(server);

    const { status, body } = await workspace.post('/v1/page', { userId: 'u1', ...times });

    expect({ status, code: body.code }).toEqual({ status: 400, code });
    expect(await storedEvents(server, workspace)).toEqual([]);
  });
});
