import { afterEach, describe, expect, it } from 'vitest';
import { createKey } from '../../../src/access/keys.ts';
import { waitUntil } from '../../support/embedded-owners.ts';
import { newWorkspace, type TestWorkspace, useServer } from '../../support/server.ts';
import {
  codeOf,
  operationBody,
  singleConnection,
  untilEvents,
} from '../../support/single-connection.ts';

const server = useServer();
const cleanups: Array<() => void> = [];

afterEach(() => {
  for (const clean of cleanups.splice(0)) clean();
});

const order = (userId: string) => ({ type: 'track', userId, event: 'Order Completed' });
const name = '{ workspace { name } }';
const watchAll = 'subscription { changes { ... on Change { cursor } } }';

const requestsOf = ({ key }: Pick<TestWorkspace, 'key'>, url = server.url) =>
  singleConnection(url, key);

async function openStream(workspace: Pick<TestWorkspace, 'key'>, url = server.url) {
  const stream = await requestsOf(workspace, url).stream();
  cleanups.push(stream.cancel);
  return stream;
}

describe('a refused request', () => {
  it.each([
    ['malformed JSON', '{', 400, 'BAD_REQUEST'],
    ['a body that is no object', 'null', 400, 'INVALID_INPUT'],
    [
      'a query that is no text',
      '{"query":1,"extensions":{"operationId":"a"}}',
      400,
      'INVALID_INPUT',
    ],
    ['no operation id', JSON.stringify({ query: name }), 400, 'INVALID_INPUT'],
    ['a syntax error', operationBody('a', '{'), 400, 'GRAPHQL_PARSE_FAILED'],
    ['an unknown field', operationBody('a', '{ nothing }'), 400, 'GRAPHQL_VALIDATION_FAILED'],
    ['a missing scope', operationBody('a', '{ apiKeys { id } }'), 403, 'FORBIDDEN'],
    ['a body of over 256 KB', `"${'x'.repeat(256 * 1024)}"`, 413, 'BODY_TOO_LARGE'],
  ])('%s has a status and a code, and the stream goes on', async (_what, body, status, code) => {
    const workspace = await newWorkspace(server);
    const requests = requestsOf(workspace);
    const stream = await openStream(workspace);

    const refused = await requests.post(stream.token, body);
    const started = await requests.start(stream.token, 'a', name);

    expect(await codeOf(refused)).toEqual([status, code]);
    expect(started.status).toBe(202);
    expect(await untilEvents(stream, ({ length }) => length === 2)).toHaveLength(2);
  });

  it('has another content type than JSON', async () => {
    const workspace = await newWorkspace(server);
    const { token } = await openStream(workspace);

    const refused = await requestsOf(workspace).post(token, '{}', {
      headers: { 'content-type': 'text/plain' },
    });

    expect(await codeOf(refused)).toEqual([415, 'UNSUPPORTED_MEDIA_TYPE']);
  });

  it('opens a stream without accepting events', async () => {
    const workspace = await newWorkspace(server);
    const requests = requestsOf(workspace);

    const refused = await requests.open(await requests.token(), { accept: 'application/json' });

    expect(await codeOf(refused)).toEqual([406, 'NOT_ACCEPTABLE']);
  });

  it('opens a stream a second time', async () => {
    const workspace = await newWorkspace(server);
    const { token } = await openStream(workspace);

    const refused = await requestsOf(workspace).open(token);

    expect(await codeOf(refused)).toEqual([409, 'STREAM_ALREADY_OPEN']);
  });

  it('uses the id of a running operation', async () => {
    const workspace = await newWorkspace(server);
    const requests = requestsOf(workspace);
    const { token } = await openStream(workspace);
    await requests.start(token, 'a', watchAll);

    const refused = await requests.start(token, 'a', name);

    expect(await codeOf(refused)).toEqual([409, 'OPERATION_ALREADY_EXISTS']);
  });

  it('starts operation 51 of a stream', async () => {
    const workspace = await newWorkspace(server);
    const requests = requestsOf(workspace);
    const { token } = await openStream(workspace);
    const ids = Array.from({ length: 50 }, (_, index) => `op-${index}`);
    for (const id of ids) await requests.start(token, id, watchAll);

    const refused = await requests.start(token, 'last', name);

    expect(await codeOf(refused)).toEqual([429, 'TOO_MANY_OPERATIONS']);
  });

  it('starts operation 51 on reserved streams of a key that are not open', async () => {
    const requests = requestsOf(await newWorkspace(server));
    const tokens = [await requests.token(), await requests.token()];
    for (let index = 0; index < 25; index += 1) {
      for (const token of tokens) await requests.start(token, `op-${index}`, name);
    }

    const refused = await requests.start(tokens[0] ?? '', 'last', name);

    expect(await codeOf(refused)).toEqual([429, 'TOO_MANY_OPERATIONS']);
  });
});

describe('a token', () => {
  const everyRequest = (requests: ReturnType<typeof singleConnection>, token: string) => [
    requests.open(token),
    requests.start(token, 'a', name),
    requests.end(token, 'a'),
  ];

  it('that was guessed or has ended is not found', async () => {
    const workspace = await newWorkspace(server);
    const { token, cancel } = await openStream(workspace);
    cancel();
    const requests = requestsOf(workspace);
    await waitUntil(async () => (await requests.end(token, 'a')).status === 404);

    for (const wrong of [token, 'x'.repeat(32)]) {
      for (const response of await Promise.all(everyRequest(requests, wrong))) {
        expect(await codeOf(response)).toEqual([404, 'STREAM_NOT_FOUND']);
      }
    }
  });

  it('of another key is not found, even in the same workspace', async () => {
    const workspace = await newWorkspace(server);
    const sibling = await createKey(server.database, workspace.id, { name: 's', scopes: ['read'] });
    const stream = await openStream(workspace);
    await requestsOf(workspace).start(stream.token, 'a', watchAll);

    for (const { key } of [sibling, await newWorkspace(server)]) {
      for (const response of await Promise.all(
        everyRequest(singleConnection(server.url, key), stream.token),
      )) {
        expect(await codeOf(response)).toEqual([404, 'STREAM_NOT_FOUND']);
      }
    }
    await workspace.send([order('u1')]);
    expect(await untilEvents(stream, ({ length }) => length === 2)).toHaveLength(2);
  });

  it('is worth nothing without a valid key', async () => {
    const { token } = await openStream(await newWorkspace(server));

    for (const key of ['', 'sl_wrong']) {
      const requests = singleConnection(server.url, key);
      for (const response of await Promise.all([
        requests.reserve(),
        ...everyRequest(requests, token),
      ])) {
        expect(await codeOf(response)).toEqual([401, 'UNAUTHENTICATED']);
      }
    }
  });

  it('is one of at most 1,000 of a key that are not open', async () => {
    const requests = requestsOf(await newWorkspace(server));
    const other = requestsOf(await newWorkspace(server));
    const statuses = new Map<number, number>();

    for (let sent = 0; sent < 10_000; sent += 100) {
      for (const response of await Promise.all(Array.from({ length: 100 }, requests.reserve))) {
        statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1);
        await response.body?.cancel();
      }
    }

    expect(Object.fromEntries(statuses)).toEqual({ 201: 1_000, 429: 9_000 });
    expect((await other.reserve()).status).toBe(201);
  });
});
