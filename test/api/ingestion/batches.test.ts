import { type IncomingMessage, request } from 'node:http';
import { json } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { positionsTo, storedEvents } from '../../support/inspect.ts';
import { newWorkspace, type TestWorkspace, useServer } from '../../support/server.ts';

const server = useServer();

const track = (messageId: string, more: object = {}) => ({
  type: 'track',
  userId: `user of ${messageId}`,
  event: 'Tried',
  messageId,
  ...more,
});

const order = (properties: object) => ({
  type: 'track',
  userId: 'u1',
  event: 'Order Completed',
  properties,
});

const messageIds = async (workspace: TestWorkspace) =>
  (await storedEvents(server, workspace)).map(({ messageId }) => messageId).toSorted();

/** A value whose compact JSON has exactly `bytes` bytes; an umlaut distinguishes bytes from characters. */
function filled<Value extends object>(bytes: number, make: (filling: string) => Value): Value {
  const rest = bytes - Buffer.byteLength(JSON.stringify(make('ü')));
  return make(`ü${'x'.repeat(rest)}`);
}

const hundredWith = (bad: unknown) => [
  ...Array.from({ length: 50 }, (_, index) => track(`a${index}`)),
  // Any value: it is sent as JSON.
  bad as object,
  ...Array.from({ length: 49 }, (_, index) => track(`b${index}`)),
];

describe('a bad event in a batch', () => {
  let deep: unknown = [];
  for (let depth = 0; depth < 33; depth += 1) deep = [deep];

  it.each<[string, string, unknown]>([
    ['that is not an object', 'INVALID_EVENT', 'hello'],
    ['that is null', 'INVALID_EVENT', null],
    ['of an unknown type', 'INVALID_EVENT', track('x', { type: 'trade' })],
    ['without a name', 'INVALID_EVENT', track('x', { event: '' })],
    ['without a customer', 'INVALID_EVENT', { type: 'page', name: 'Home' }],
    ['with an id that is an object', 'INVALID_EVENT', track('x', { userId: { $ne: '' } })],
    ['with an id of 257 characters', 'INVALID_EVENT', track('x', { userId: 'u'.repeat(257) })],
    ['with properties that are a list', 'INVALID_EVENT', track('x', { properties: [1] })],
    ['with a NUL character', 'INVALID_EVENT', track('x', { properties: { a: 'b\0c' } })],
    ['with NUL in a key', 'INVALID_EVENT', track('x', { properties: { 'a\0': 1 } })],
    ['with NUL in an id', 'INVALID_EVENT', track('x', { userId: 'u\0' })],
    ['with half a surrogate pair', 'INVALID_EVENT', track('x', { properties: { a: '\ud83d' } })],
    [
      'with the other half of a surrogate pair',
      'INVALID_EVENT',
      track('x', { traits: { a: '\udca9!' } }),
    ],
    ['nested too deeply', 'INVALID_EVENT', track('x', { properties: { deep } })],
    ['that is too large', 'EVENT_TOO_LARGE', filled(32_769, (a) => track('x', { context: { a } }))],
    [
      'of a date in the next week',
      'EVENT_IN_FUTURE',
      track('x', { timestamp: '2999-01-01T00:00:00Z' }),
    ],
    ['with an invalid amount', 'INVALID_EVENT', order({ total: 'ten' })],
    ['with a negative amount', 'INVALID_EVENT', order({ total: -0.01 })],
    ['with an amount above the maximum', 'INVALID_EVENT', order({ total: 1e300 })],
    ['with an amount in a list', 'INVALID_EVENT', order({ total: [1] })],
    ['with a currency of two letters', 'INVALID_EVENT', order({ total: 1, currency: 'US' })],
    ['with a currency that is a number', 'INVALID_EVENT', order({ total: 1, currency: 840 })],
    ['that refunds no amount', 'INVALID_EVENT', { ...order({}), event: 'Order Refunded' }],
  ])('%s is refused with %s without affecting the other 99', async (_what, code, bad) => {
    const workspace = await newWorkspace(server);

    const { status, body } = await workspace.send(hundredWith(bad));

    expect(status).toBe(207);
    expect(body.success).toBe(false);
    expect(body.results).toHaveLength(100);
    expect(body.results[50]).toMatchObject({ index: 50, status: 'refused', code });
    expect(body.results[50].message).toMatch(/\w+ .*\w/);
    expect(
      body.results.filter((result: { status: string }) => result.status === 'accepted'),
    ).toHaveLength(99);
    expect(await messageIds(workspace)).toEqual(
      [
        ...positionsTo(50).map((n) => `a${n - 1}`),
        ...positionsTo(49).map((n) => `b${n - 1}`),
      ].toSorted(),
    );
  });

  it('is reported by its index when all events are invalid', async () => {
    const workspace = await newWorkspace(server);

    const { status, body } = await workspace.send([{ type: 'page' }, track('m1', { type: 'x' })]);

    expect(status).toBe(400);
    expect(body.results).toMatchObject([
      { index: 0, status: 'refused', messageId: null },
      { index: 1, status: 'refused', messageId: 'm1' },
    ]);
  });
});

describe('unusual valid events', () => {
  it.each([
    ['nested 32 levels deep', `{"a":${'['.repeat(30)}1${']'.repeat(30)}}`],
    ['with a key named __proto__', '{"__proto__":{"polluted":true},"constructor":1}'],
    ['with numbers beyond the range of doubles', '{"a":1e400,"b":12345678901234567890}'],
    ['with an escaped backslash before "u0000"', '{"a":"\\\\u0000"}'],
    ['with a whole surrogate pair', '{"a":"\\ud83d\\ude00"}'],
    ['with an empty key', '{"":""}'],
  ])('%s are stored', async (_what, properties) => {
    const workspace = await newWorkspace(server);
    const body = `{"userId":"u1","event":"Tried","messageId":"m1","properties":${properties}}`;

    const { status } = await workspace.post('/v1/track', body);

    expect(status).toBe(200);
    expect(await messageIds(workspace)).toEqual(['m1']);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  it('store a trait named __proto__ like any other, without side effects', async () => {
    const workspace = await newWorkspace(server);
    const traits = '{"__proto__":{"email":"eve@example.com","name":"Eve"},"plan":"pro"}';

    await workspace.post('/v1/identify', `{"anonymousId":"a1","traits":${traits}}`);
    await workspace.post('/v1/identify', `{"anonymousId":"a1","traits":{"plan":"free"}}`);

    const { customer } = await workspace.query<{ customer: Record<string, unknown> }>(
      '{ customer(by: { anonymousId: "a1" }) { email name identified traits } }',
    );
    expect({ ...customer, traits: JSON.stringify(customer['traits']) }).toEqual({
      email: null,
      name: null,
      identified: false,
      traits: '{"plan":"free","__proto__":{"name":"Eve","email":"eve@example.com"}}',
    });
  });
});

describe('the limits', () => {
  const single = (bytes: number) =>
    filled(bytes, (a) => ({ userId: 'u1', event: 'Tried', messageId: 'm1', properties: { a } }));
  const tooLarge = { status: 'refused', code: 'EVENT_TOO_LARGE', messageId: 'm1' };

  it('accepts an event of 32,768 bytes and refuses one of 32,769', async () => {
    const workspace = await newWorkspace(server);

    const refused = await workspace.post('/v1/track', single(32_769));
    const taken = await workspace.post('/v1/track', single(32_768));

    expect([refused.status, taken.status]).toEqual([413, 200]);
    expect(refused.body).toMatchObject({ success: false, ...tooLarge });
    expect(await messageIds(workspace)).toEqual(['m1']);
  });

  it('applies the limit of an event inside a batch too', async () => {
    const workspace = await newWorkspace(server);
    const call = (bytes: number) => filled(bytes, (a) => track('m1', { context: { a } }));

    const { body } = await workspace.send([call(32_769), call(32_768)]);

    expect(body.results).toMatchObject([tooLarge, { status: 'accepted' }]);
  });

  const batchOf = (bytes: number) =>
    filled(bytes, (writeKey) => ({
      batch: positionsTo(40).map((n) => track(`m${n}`, { context: { a: 'x'.repeat(12_000) } })),
      writeKey,
    }));

  it.each([
    ['uncompressed', (text: string) => Buffer.from(text), {}],
    ['packed', (text: string) => gzipSync(text), { 'content-encoding': 'gzip' }],
  ])(
    'accepts a batch of 512,000 bytes, %s, and refuses one of 512,001',
    async (_how, pack, packing) => {
      const workspace = await newWorkspace(server);
      const send = async (bytes: number) => {
        const response = await fetch(`${server.url}/v1/batch`, {
          method: 'POST',
          headers: { authorization: `Bearer ${workspace.key}`, ...packing },
          body: pack(JSON.stringify(batchOf(bytes))),
        });
        return { status: response.status, body: (await response.json()) as { code?: string } };
      };

      const refused = await send(512_001);
      const storedOfRefused = await messageIds(workspace);
      const taken = await send(512_000);

      expect([refused.status, refused.body.code]).toEqual([413, 'BODY_TOO_LARGE']);
      expect(storedOfRefused).toEqual([]);
      expect(taken.status).toBe(200);
      expect(await messageIds(workspace)).toHaveLength(40);
    },
  );

  it('stops decompressing a small body that expands beyond the limit, without waiting for its end', async () => {
    const workspace = await newWorkspace(server);
    const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024, ' '));

    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      const headers = { authorization: `Bearer ${workspace.key}`, 'content-encoding': 'gzip' };
      const url = `${server.url}/v1/batch`;
      const sending = request(url, { method: 'POST', headers }, resolve).on('error', reject);
      sending.write(bomb.subarray(0, -100));
    });

    expect([answer.statusCode, (await json(answer)) as object]).toMatchObject([
      413,
      { code: 'BODY_TOO_LARGE' },
    ]);
  });

  it.each([
    ['{', 'INVALID_INPUT'],
    ['[]', 'INVALID_INPUT'],
    ['null', 'INVALID_INPUT'],
    ['', 'INVALID_INPUT'],
    ['{"batch":{}}', 'INVALID_INPUT'],
    [`${'['.repeat(200_000)}`, 'INVALID_INPUT'],
  ])('refuses a batch that is %.12s', async (body, code) => {
    const workspace = await newWorkspace(server);

    const answer = await workspace.post('/v1/batch', body);

    expect([answer.status, answer.body.code]).toEqual([400, code]);
  });
});

describe('a duplicate message', () => {
  it('is reported as a duplicate and applied once, within a batch and after it', async () => {
    const workspace = await newWorkspace(server);
    const first = { ...order({ total: 10 }), messageId: 'm1' };

    const together = await workspace.send([first, { ...first, properties: { total: 99 } }]);
    const later = await workspace.send([track('m2'), first]);

    expect(together.body.results).toMatchObject([{ status: 'accepted' }, { status: 'duplicate' }]);
    expect([later.status, later.body.success]).toEqual([200, true]);
    expect(later.body.results).toMatchObject([{ status: 'accepted' }, { status: 'duplicate' }]);
    expect(await messageIds(workspace)).toEqual(['m1', 'm2']);
  });

  it('is applied once among many concurrent requests over HTTP and GraphQL', async () => {
    const workspace = await newWorkspace(server);
    const call = { ...order({ total: 10 }), messageId: 'm1' };
    const mutation = `mutation { track(events: [
      { type: TRACK, userId: "u1", event: "Order Completed", properties: { total: 10 }, messageId: "m1" }
    ]) { results { status } } }`;

    const answers = await Promise.all(
      positionsTo(40).map(async (n) =>
        n % 2 === 0
          ? (await workspace.send([call])).body.results[0].status
          : (await workspace.graphql(mutation)).body.data.track.results[0].status.toLowerCase(),
      ),
    );

    const { customer } = await workspace.query(
      '{ customer(by: { userId: "u1" }) { orderCount eventCount netRevenue { amount } } }',
    );
    expect(answers.toSorted()).toEqual(['accepted', ...Array(39).fill('duplicate')]);
    expect(customer).toEqual({ orderCount: 1, eventCount: 1, netRevenue: { amount: '1000' } });
  });

  it('is no duplicate in another workspace', async () => {
    const [one, other] = [await newWorkspace(server), await newWorkspace(server)];

    await one.send([track('m1')]);
    const { body } = await other.send([track('m1')]);

    expect(body.results).toMatchObject([{ status: 'accepted' }]);
  });

  it('is recognised by the id that was generated for it', async () => {
    const workspace = await newWorkspace(server);
    const call = { type: 'track', userId: 'u1', event: 'Tried' };

    const { body } = await workspace.send([call, call]);
    const [{ messageId }, other] = body.results;
    const again = await workspace.send([{ ...call, messageId }]);

    expect(messageId).toMatch(/^\S{20,}$/);
    expect(other).toMatchObject({ status: 'accepted' });
    expect(again.body.results).toMatchObject([{ status: 'duplicate', messageId }]);
    expect(await messageIds(workspace)).toEqual([messageId, other.messageId].toSorted());
  });
});
