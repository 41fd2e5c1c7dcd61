import { once } from 'node:events';
import { connect } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { prepareDatabase } from '../../../src/platform/prepare-database.ts';
import { internalDetails } from '../../support/every-transport.ts';
import { type SecondServer, startSecondServer } from '../../support/second-server.ts';
import { newWorkspace, useServer } from '../../support/server.ts';

const server = useServer();
let second: SecondServer;
let key: string;

beforeAll(async () => {
  second = await startSecondServer(server, { url: await prepareDatabase(server.databaseUrl) });
  // Several keys, because the concurrency of one key is limited.
  ({ key } = await newWorkspace(server, { scopes: ['admin'] }));
});
afterAll(() => second.end());

const query = '{ workspace { name } }';
const parts: Record<string, readonly unknown[]> = {
  query: [query, '', '{', '{ nope }', 1, null, [], {}, '\u0000', '\ud800', '{ a: __typename b }'],
  variables: [undefined, null, {}, [], 'x', 1, '{', { a: { b: [[]] } }, { 'a\u0000': '\ud800' }],
  extensions: [undefined, null, {}, [], 'x', { persistedQuery: {} }, { persistedQuery: 1 }],
  operationName: [undefined, null, '', 'x', 1, {}],
  more: [undefined, undefined, undefined, 1],
};
const params = fc.record(
  Object.fromEntries(
    Object.entries(parts).map(([name, values]) => [name, fc.constantFrom(...values)]),
  ),
);
const bytes = fc
  .uint8Array({ maxLength: 40 })
  .map((body) => Buffer.concat([Buffer.from('{"query":"'), body, Buffer.from('"}')]));
const event = fc.record({
  type: fc.constantFrom('track', 'identify', 'alias', 'nope', 1, null, undefined),
  event: fc.constantFrom('Order Completed', '', 'x'.repeat(300), 1, undefined),
  userId: fc.constantFrom('u', '', 1, null, {}, 'u\u0000', '\ud800', undefined),
  timestamp: fc.constantFrom('2026-02-30T00:00:00Z', '0000-01-01T00:00:00Z', 'x', 1, undefined),
  properties: fc.constantFrom({ total: 'x' }, { total: 1e300 }, { total: -1 }, [], 'x', undefined),
});
const body = fc.oneof(
  params.map((value) => JSON.stringify(value)),
  params.map((value) => `[${JSON.stringify(value)},{}]`),
  params.map((value) => new URLSearchParams(value as Record<string, string>).toString()),
  event.map((value) => JSON.stringify(value)),
  fc
    .array(fc.oneof(event, fc.jsonValue()), { maxLength: 3 })
    .map((batch) => JSON.stringify({ batch })),
  fc.json(),
  fc.string(),
  bytes,
);
const request = fc.record({
  method: fc.constantFrom('POST', 'POST', 'POST', 'PUT', 'DELETE', 'PATCH'),
  path: fc.constantFrom(
    '/graphql',
    '/graphql',
    '/v1/track',
    '/v1/batch',
    '/v1/identify',
    '/v1/',
    '/x',
  ),
  body,
  headers: fc.record(
    {
      'content-type': fc.constantFrom(
        'application/json',
        'application/json; charset=utf-8',
        'application/x-www-form-urlencoded',
        'application/graphql',
        'multipart/form-data; boundary=x',
        'text/plain',
        'application/json, text/html',
        ';',
      ),
      accept: fc.constantFrom(
        'application/graphql-response+json',
        'application/json',
        'image/png',
        '*/*',
      ),
      'content-encoding': fc.constantFrom('identity', 'gzip', 'zip'),
    },
    { requiredKeys: ['content-type'] },
  ),
});

async function check(answer: Response) {
  const text = await answer.text();
  expect(text).not.toMatch(internalDetails);
  expect(answer.status, text).toBeLessThan(500);
  if (answer.status < 400) return;
  expect(answer.headers.get('content-type')).toMatch(/^application\/(graphql-response\+)?json/);
  expect(text).toMatch(/"code":"[A-Z_]+"/);
}

const authorization = () => ({ authorization: `Bearer ${key}` });

it('responds to any body with JSON and a code, and never with a server error', async () => {
  await fc.assert(
    fc.asyncProperty(request, async ({ method, path, body: sent, headers }) => {
      await check(
        await fetch(second.url + path, {
          method,
          body: sent as BodyInit,
          headers: { ...authorization(), ...headers } as Record<string, string>,
        }),
      );
    }),
    { numRuns: 400 },
  );
  expect(second.logged).toEqual([]);
});

it('responds to any URL with JSON and a code', async () => {
  const text = fc.constantFrom(
    '{',
    '[]',
    '1',
    '"x"',
    'null',
    '',
    '{}',
    '%',
    '%ff',
    query,
    '\ud800',
  );
  const search = fc.dictionary(
    fc.constantFrom('query', 'variables', 'extensions', 'operationName', 'x'),
    text,
  );
  await fc.assert(
    fc.asyncProperty(search, async (given) => {
      const raw = Object.entries(given).map(
        ([name, value]) => `${name}=${encodeURI(value.toWellFormed())}`,
      );
      await check(
        await fetch(`${second.url}/graphql?${raw.join('&')}`, {
          headers: { ...authorization(), accept: 'application/json' },
        }),
      );
    }),
    { numRuns: 150 },
  );
  expect(second.logged).toEqual([]);
});

const head = (path: string, more: string) =>
  `POST ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${key}\r\nContent-Type: application/json\r\n${more}\r\n\r\n`;
const paths = ['/v1/track', '/v1/batch', '/graphql'];
const beginnings: Record<string, string> = {
  'half a body': 'Content-Length: 1000',
  'a chunk': 'Transfer-Encoding: chunked',
  'half a compressed body': 'Content-Encoding: gzip\r\nContent-Length: 1000',
};

it.each(Object.entries(beginnings))(
  'does not treat a client that disconnects after %s as an error',
  async (_what, more) => {
    for (const path of paths) {
      for (const leave of ['destroy', 'resetAndDestroy', 'end'] as const) {
        const { hostname, port } = new URL(second.url);
        const socket = connect(Number(port), hostname);
        socket.on('error', () => undefined).resume();
        const closed = once(socket, 'close');
        await new Promise<void>((resolve) => {
          socket.write(
            `${head(path, more)}${more.includes('chunked') ? '5\r\n{"que\r\n' : '{"que'}`,
            () => resolve(),
          );
        });
        // The server reads in order: when it responds to a later request, it has read everything before.
        await fetch(`${second.url}/health`);
        socket[leave]();
        await closed;
      }
    }
    await fetch(`${second.url}/ready`);
    expect(second.logged).toEqual([]);
  },
);
