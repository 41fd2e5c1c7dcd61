import { afterEach, describe, expect, it } from 'vitest';
import { createKey, revokeKey } from '../../../src/access/keys.ts';
import { waitUntil } from '../../support/embedded-owners.ts';
import { type Changes, positionOf, watchChanges } from '../../support/live-client.ts';
import { startSecondServer } from '../../support/second-server.ts';
import { newWorkspace, type TestWorkspace, useServer } from '../../support/server.ts';
import {
  connectOnce,
  eventsOf,
  payloadsOf,
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

describe('the official client', () => {
  function follow(client: ReturnType<typeof connectOnce>, variables: { after?: string } = {}) {
    const positions: number[] = [];
    const end = Promise.withResolvers<void>();
    end.promise.catch(() => undefined);
    const request = { query: watchChanges, variables };
    const stop = client.subscribe<Changes, { cursor?: string }>(request, {
      next({ data, extensions }) {
        if (data) positions.push(positionOf(data.changes));
        // The client sends the same variables again when it reconnects.
        variables.after = String(extensions?.cursor);
      },
      error: end.reject,
      complete: end.resolve,
    });
    return { positions, stop, ended: end.promise };
  }

  function connect(workspace: TestWorkspace, options: object = {}, url = server.url) {
    const client = connectOnce(url, workspace.key, options);
    cleanups.push(client.dispose);
    return client;
  }

  const cursorOf = async (workspace: TestWorkspace) => {
    const found = await workspace.query<{ workspace: { cursor: string } }>(
      '{ workspace { cursor } }',
    );
    return found.workspace.cursor;
  };

  it.each([
    ['lazily', true],
    ['not lazily', false],
  ])('runs several operations over one connection, %s', async (_how, lazy) => {
    const workspace = await newWorkspace(server);
    const after = await cursorOf(workspace);
    let connected = 0;
    const on = { connected: () => (connected += 1) };
    const client = connect(workspace, { lazy, on });

    const [first, second] = [follow(client, { after }), follow(client, { after })];
    await workspace.send([order('u1')]);
    await waitUntil(() => first.positions.length === 2 && second.positions.length === 2);
    const results = [];
    for await (const result of client.iterate({ query: name })) results.push(result);

    expect(first.positions).toEqual([1, 2]);
    expect(second.positions).toEqual([1, 2]);
    expect(results).toMatchObject([{ data: { workspace: { name: workspace.name } } }]);
    expect(connected).toBe(1);
  });

  it('runs mutations', async () => {
    const workspace = await newWorkspace(server);
    const query = 'mutation { track(events: [{ type: PAGE, userId: "u" }]) { accepted } }';

    const results = [];
    for await (const result of connect(workspace).iterate({ query })) results.push(result);

    expect(results).toMatchObject([{ data: { track: { accepted: 1 } } }]);
    expect(await workspace.query('{ workspace { totals { events } } }')).toEqual({
      workspace: { totals: { events: 1 } },
    });
  });

  it('ends one subscription while the other goes on', async () => {
    const workspace = await newWorkspace(server);
    const after = await cursorOf(workspace);
    const client = connect(workspace);
    const [first, second] = [follow(client, { after }), follow(client, { after })];
    await workspace.send([order('u1')]);
    await waitUntil(() => first.positions.length === 2 && second.positions.length === 2);

    first.stop();
    await first.ended;
    await workspace.send([order('u2')]);
    await waitUntil(() => second.positions.length === 4);

    expect(first.positions).toEqual([1, 2]);
    expect(second.positions).toEqual([1, 2, 3, 4]);
  });

  it.each([
    ['lazily', true],
    ['not lazily', false],
  ])('reconnects and resumes after a restart of the server, %s', async (_how, lazy) => {
    const workspace = await newWorkspace(server);
    const url = new URL(server.databaseUrl).toString();
    const first = await startSecondServer(server, { url });
    let current = first.url;
    const client = connect(workspace, {
      lazy,
      url: () => `${current}/graphql`,
      retryAttempts: Infinity,
    });
    const watch = follow(client, { after: await cursorOf(workspace) });
    await workspace.send([order('u1')]);
    await waitUntil(() => watch.positions.length === 2);

    current = server.url;
    await first.end();
    await workspace.send([order('u2')]);
    await waitUntil(() => watch.positions.length === 4);

    expect(watch.positions).toEqual([1, 2, 3, 4]);
  });
});

describe('the protocol', () => {
  it('reserves a stream, opens it, and accepts, runs and ends operations', async () => {
    const workspace = await newWorkspace(server);
    const requests = requestsOf(workspace);
    const reserved = await requests.reserve();
    const stream = await openStream(workspace);

    const started = await requests.start(stream.token, 'a "quoted" id', name);
    const events = await untilEvents(stream, ({ length }) => length === 2);
    const ended = await requests.end(stream.token, 'unknown');

    expect(reserved.status).toBe(201);
    expect(reserved.headers.get('content-type')).toMatch(/^text\/plain/);
    expect(await reserved.text()).toMatch(/^[\w-]{32}$/);
    expect(stream.status).toBe(200);
    expect(stream.headers.get('content-type')).toMatch(/^text\/event-stream/);
    expect([started.status, await started.text()]).toEqual([202, '']);
    expect(events).toMatchObject([
      { event: 'next', id: 'a "quoted" id', payload: { data: { workspace: {} } } },
      { event: 'complete', id: 'a "quoted" id' },
    ]);
    expect(ended.status).toBe(200);
  });

  it('accepts the token in the URL', async () => {
    const workspace = await newWorkspace(server);
    const token = await requestsOf(workspace).token();
    const authorization = `Bearer ${workspace.key}`;

    const response = await fetch(`${server.url}/graphql?token=${token}`, {
      headers: { authorization, accept: 'text/event-stream' },
    });
    await response.body?.cancel();

    expect(response.status).toBe(200);
  });

  it('runs operations before the stream is open, and delivers their results when it is', async () => {
    const workspace = await newWorkspace(server);
    const requests = requestsOf(workspace);
    const token = await requests.token();

    const started = await requests.start(token, 'early', name);
    const stream = await requests.stream(token);
    const events = await untilEvents(stream, ({ length }) => length === 2);
    stream.cancel();

    expect(started.status).toBe(202);
    expect(events).toMatchObject([
      { event: 'next', id: 'early' },
      { event: 'complete', id: 'early' },
    ]);
  });

  it('delivers a cursor with each change, and resumes after it on another stream', async () => {
    const workspace = await newWorkspace(server);
    const requests = requestsOf(workspace);
    const first = await openStream(workspace);
    await requests.start(first.token, 'a', watchAll);
    await workspace.send([order('u1')]);
    const [{ extensions }] = payloadsOf(
      await untilEvents(first, (events) => events.length === 2),
      'a',
    );
    first.cancel();

    const second = await openStream(workspace);
    const query = 'subscription ($after: Cursor) { changes(after: $after) { __typename } }';
    await requests.start(second.token, 'b', query, { after: extensions.cursor });
    await workspace.send([order('u2')]);
    const events = await untilEvents(second, ({ length }) => length === 3);

    const positions = payloadsOf(events, 'b').map((payload) => positionOf(payload.extensions));
    expect(positions).toEqual([2, 3, 4]);
  });

  it('delivers nothing more of an operation that the client has ended, and frees its id', async () => {
    const workspace = await newWorkspace(server);
    const requests = requestsOf(workspace);
    const stream = await openStream(workspace);
    await requests.start(stream.token, 'a', watchAll);
    await requests.start(stream.token, 'b', watchAll);

    await requests.end(stream.token, 'a');
    await workspace.send([order('u1')]);
    const events = await untilEvents(stream, (all) => payloadsOf(all, 'b').length === 2);
    const again = await requests.start(stream.token, 'a', name);

    expect(events.filter(({ id }) => id === 'a')).toEqual([]);
    expect(again.status).toBe(202);
  });

  it('allows browsers of other origins every request', async () => {
    const workspace = await newWorkspace(server);
    for (const method of ['PUT', 'GET', 'POST', 'DELETE']) {
      const response = await fetch(`${server.url}/graphql?token=t`, {
        method: 'OPTIONS',
        headers: {
          origin: 'https://shop.example',
          'access-control-request-method': method,
          'access-control-request-headers':
            'authorization,content-type,x-graphql-event-stream-token',
        },
      });
      expect(response.headers.get('access-control-allow-methods')).toContain(method);
      expect(response.headers.get('access-control-allow-headers')).toContain('token');
    }
    const reserved = await requestsOf(workspace).reserve();
    expect(reserved.headers.get('access-control-allow-origin')).toBe('*');
  });
});

describe('the stream ends', () => {
  it('without complete when the key is revoked, and with it its operations', async () => {
    const workspace = await newWorkspace(server);
    const { id, key } = await createKey(server.database, workspace.id, {
      name: 'revoked',
      scopes: ['read'],
    });
    const stream = await openStream({ key });
    await singleConnection(server.url, key).start(stream.token, 'a', watchAll);

    await revokeKey(server.database, workspace.id, id);

    expect(await stream.ended).not.toContain('complete');
    await waitUntil(async () => (await singleConnection(server.url, key).reserve()).status === 401);
  });

  it('without complete when the server stops', async () => {
    const workspace = await newWorkspace(server);
    const second = await startSecondServer(server, { url: server.databaseUrl });
    const stream = await openStream(workspace, second.url);
    const idle = await openStream(workspace, second.url);
    const requests = requestsOf(workspace, second.url);
    await requests.start(stream.token, 'a', watchAll);
    await workspace.send([order('u1')]);
    await untilEvents(stream, ({ length }) => length === 2);

    await second.end();

    expect(await stream.ended).not.toContain('complete');
    expect(eventsOf(await idle.ended)).toEqual([]);
    expect(second.logged).toEqual([]);
  });
});
