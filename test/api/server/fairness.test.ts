import { describe, expect, it } from 'vitest';
import { requireConnections, UnusableDatabase } from '../../../src/platform/prepare-database.ts';
import { ask } from '../../support/inspect.ts';
import { blockTable, pollOptions } from '../../support/lock-ingestion.ts';
import { connectSocket, start } from '../../support/raw-socket.ts';
import { newWorkspace, useServer } from '../../support/server.ts';

const server = useServer();

const tasks = '{ tasks { nodes { id } } }';
const codeOf = (body: { errors?: Array<{ extensions: { code: string } }> }) =>
  body.errors?.[0]?.extensions.code;

/** Less than the statement timeout. */
const soon = { timeout: 6_000, interval: 20 };

/** The number of statements of the server that wait for a lock. */
async function countWaiting() {
  const [row] = await ask<{ count: number }>(
    server,
    `select count(*)::int as count from pg_locks l join pg_stat_activity a using (pid)
     where not l.granted and a.datname = current_database()`,
  );
  return row?.count ?? 0;
}

it('responds to other workspaces while one workspace reads at full load', async () => {
  const busy = await newWorkspace(server);
  const other = await newWorkspace(server);
  const held = await blockTable(server, 'task');
  const waiting = Array.from({ length: 60 }, () => busy.graphql(tasks));
  await held.waitUntilBlocked();

  const read = await other.graphql('{ workspace { name } customers { totalCount } }');
  const sent = await other.send([{ type: 'page', userId: 'u1', messageId: 'm1' }]);
  const ready = await fetch(`${server.url}/ready`);
  await held.release();

  expect([read.status, sent.status, ready.status]).toEqual([200, 200, 200]);
  const statuses = (await Promise.all(waiting)).map(({ status }) => status);
  expect(new Set(statuses)).toEqual(new Set([200]));
});

it('ingests events while every connection for operations is in use', async () => {
  const workspaces = await Promise.all([1, 2, 3].map(() => newWorkspace(server)));
  const held = await blockTable(server, 'task');
  const waiting = workspaces.flatMap((one) => Array.from({ length: 5 }, () => one.graphql(tasks)));
  await expect.poll(countWaiting, pollOptions).toBeGreaterThanOrEqual(7);

  const sent = await workspaces[0]?.send([{ type: 'page', userId: 'u1', messageId: 'm1' }]);
  await held.release();

  expect(sent?.status).toBe(200);
  await Promise.all(waiting);
});

describe('an abandoned statement is cancelled in the database', () => {
  it('when the client aborts its request', async () => {
    const { key } = await newWorkspace(server);
    const held = await blockTable(server, 'task');
    const leaving = new AbortController();
    const request = fetch(`${server.url}/graphql`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ query: tasks }),
      signal: leaving.signal,
    });
    await held.waitUntilBlocked();

    leaving.abort();
    await request.catch(() => undefined);

    await expect.poll(countWaiting, soon).toBe(0);
    await held.release();
  });

  it.each([
    [
      'completes it',
      (socket: Awaited<ReturnType<typeof connectSocket>>, id: string) =>
        socket.send({ type: 'complete', id }),
    ],
    ['closes its socket', (socket: Awaited<ReturnType<typeof connectSocket>>) => socket.close()],
  ])('when the client %s', async (_what, leave) => {
    const { key } = await newWorkspace(server);
    const held = await blockTable(server, 'task');
    const socket = await connectSocket(server.url, key);
    const id = start(socket, { query: tasks });
    await held.waitUntilBlocked();

    leave(socket, id);

    await expect.poll(countWaiting, soon).toBe(0);
    await held.release();
  });

  it('when the operation exceeds its time limit, however many statements it has', async () => {
    const workspace = await newWorkspace(server);
    const held = await blockTable(server, 'task');

    const ids = [1, 2, 3].map(() => btoa(`Task:${crypto.randomUUID()}`));
    const { body } = await workspace.graphql(
      `{ ${ids.map((id, i) => `n${i}: node(id: "${id}") { id }`).join(' ')} }`,
    );

    expect(codeOf(body)).toBe('QUERY_TOO_SLOW');
    await expect.poll(countWaiting, soon).toBe(0);
    await held.release();
  });
});

it('runs one large query of a workspace at a time, and small ones concurrently', async () => {
  const workspace = await newWorkspace(server);
  const calls = Array.from({ length: 130 }, (_, i) => ({ type: 'page', userId: `u${i}` }));
  await workspace.send(calls);
  // This many times 400 points of 130 customers exceed the rows of a small query.
  const hours = 399 * 3_600_000;
  const points = `segmentHistory(where: { fact: { events: { atLeast: 1 } } },
    from: "${new Date(Date.now() - hours).toISOString()}", grain: HOUR) { count }`;
  const history = `{ ${Array.from({ length: 18 }, (_, i) => `h${i}: ${points}`).join(' ')} }`;
  const held = await blockTable(server, 'event');
  const first = workspace.graphql(history);
  await held.waitUntilBlocked();

  const [second, third] = await Promise.all([
    workspace.graphql(history),
    workspace.graphql(history),
  ]);
  const light = await workspace.graphql('{ workspace { name } }');
  await held.release();

  for (const { status, body, headers } of [second, third]) {
    expect([status, codeOf(body), headers.get('retry-after')]).toEqual([429, 'RATE_LIMITED', '2']);
  }
  expect(light.status).toBe(200);
  expect((await first).body.data.h0).toHaveLength(400);
});

describe('the maximum of definitions in a workspace', () => {
  const small = useServer({ maxSegments: 1, maxLifecycles: 2 });
  const segment = (key: string) =>
    `mutation { createSegment(key: "${key}", name: "${key}", filter: { fact: { orderCount: { atLeast: 1 } } }) {
      __typename ... on Refusal { message } } }`;
  const lifecycle = (key: string) =>
    `mutation { createLifecycle(key: "${key}", name: "${key}", stages: [{ key: "A", name: "A", phase: ACQUISITION, entry: { fact: { orderCount: { atLeast: 1 } } } }]) {
      __typename ... on Refusal { message } } }`;

  it('applies to segments and lifecycles, with advice', async () => {
    const { query } = await newWorkspace(small);

    const segments = [await query(segment('ONE')), await query(segment('TWO'))];
    const lifecycles = [await query(lifecycle('ONE')), await query(lifecycle('TWO'))];

    expect(segments.map(({ createSegment }) => createSegment)).toMatchObject([
      { __typename: 'SegmentPayload' },
      { __typename: 'InvalidInput', message: expect.stringContaining('STAGELINE_SEGMENTS') },
    ]);
    expect(lifecycles.map(({ createLifecycle }) => createLifecycle)).toMatchObject([
      { __typename: 'LifecyclePayload' },
      { __typename: 'InvalidInput', message: expect.stringContaining('STAGELINE_LIFECYCLES') },
    ]);
  });
});

it('refuses to start with more connections than the database allows', async () => {
  await expect(requireConnections(server.databaseUrl, 20)).resolves.toBeUndefined();
  await expect(requireConnections(server.databaseUrl, 1_000)).rejects.toThrow(UnusableDatabase);
  await expect(requireConnections(server.databaseUrl, 1_000)).rejects.toThrow(
    /STAGELINE_POOL is 1000/,
  );
});

it("refuses to start with more connections than its login's limit", async () => {
  const login = new URL(server.databaseUrl);
  await ask(server, "create role narrow login password 'narrow' connection limit 10");
  login.username = 'narrow';
  login.password = 'narrow';
  try {
    await expect(requireConnections(login.href, 9)).rejects.toThrow(/this login only 10\b/);
  } finally {
    await ask(server, 'drop role narrow');
  }
});
