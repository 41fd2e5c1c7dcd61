import { describe, expect, it } from 'vitest';
import { createKey } from '../../../src/access/keys.ts';
import { loadConfig } from '../../../src/platform/config.ts';
import { sendOverEveryTransport } from '../../support/every-transport.ts';
import { blockTable, pollOptions } from '../../support/lock-ingestion.ts';
import { connectSocket, openSocket, start } from '../../support/raw-socket.ts';
import {
  newWorkspace,
  type TestServer,
  type TestWorkspace,
  useServer,
} from '../../support/server.ts';

const limited = (change: Partial<ReturnType<typeof loadConfig>['limits']>) =>
  useServer({ limits: { ...loadConfig({}).limits, ...change } });

const server = useServer();
// A bucket holds what refills in a minute: 60 requests, 600 points of cost.
const requests = limited({ keyRequests: 1 });
const cost = limited({ keyCost: 10 });
const crowd = limited({ keyOperations: 2, keySockets: 2, keySubscriptions: 2 });
const sockets = limited({ socketOperations: 1 });

const page = '{ customers(first: 80) { nodes { id name email orderCount userId: id } } }';
const name = '{ workspace { name } }';
const watch = 'subscription { changes { ... on Change { at } ... on StreamReset { reason } } }';
const codeOf = (body: { errors?: Array<{ extensions: { code: string } }>; code?: string }) =>
  body.code ?? body.errors?.[0]?.extensions.code;

async function otherKeyOf(where: TestServer, { id }: TestWorkspace) {
  const { key } = await createKey(where.database, id, {
    name: 'other',
    scopes: ['read', 'ingest'],
  });
  return key;
}

describe('the requests of a key', () => {
  it('are refused beyond its rate, with the time to wait, without affecting other keys', async () => {
    const workspace = await newWorkspace(requests);
    const other = await otherKeyOf(requests, workspace);

    const answers = [];
    for (let i = 0; i < 62; i += 1) answers.push(await workspace.graphql(name));
    const tracked = await workspace.post('/v1/page', { userId: 'u', messageId: 'm' });
    const fromOther = await workspace.graphql(name, {}, other);

    expect(answers.filter(({ status }) => status === 200).length).toBeGreaterThanOrEqual(60);
    for (const refused of [answers.at(-1), tracked]) {
      expect([refused?.status, codeOf(refused?.body)]).toEqual([429, 'RATE_LIMITED']);
      expect(refused?.headers.get('retry-after')).toBe('1');
    }
    expect(fromOther.status).toBe(200);
  });
});

describe('the cost of operations', () => {
  it('is in every response: requested, used and remaining', async () => {
    const workspace = await newWorkspace(server);
    await workspace.send([{ type: 'identify', userId: 'u1', messageId: 'm1' }]);

    const { body } = await workspace.graphql(page);

    const { requested, used, remaining, restoresPerSecond } = body.extensions.cost;
    expect(requested).toBeGreaterThan(400);
    expect(used).toBeGreaterThan(1);
    expect(used).toBeLessThan(20);
    expect(restoresPerSecond).toBe(200_000);
    expect(remaining).toBeLessThanOrEqual(60 * restoresPerSecond);
  });

  it('has no limit when the limit is disabled', async () => {
    const free = await newWorkspace(unlimited);

    const { body } = await free.graphql(name);

    expect(body.extensions.cost).toMatchObject({ remaining: null, restoresPerSecond: null });
  });

  it('is refunded for what a response did not use', async () => {
    const workspace = await newWorkspace(cost);

    const codes = [];
    for (let i = 0; i < 10; i += 1) codes.push(codeOf((await workspace.graphql(page)).body));

    // The maximum cost is ten times the bucket, the actual cost of empty pages is close to 0.
    expect(codes).toEqual(Array.from({ length: 10 }, () => undefined));
  });

  it('is refused beyond the budget on every transport, before anything is read', async () => {
    const workspace = await newWorkspace(cost);
    const spend = `{ ${Array.from({ length: 300 }, (_, i) => `a${i}: __typename`).join(' ')} workspace { name } }`;
    await workspace.graphql(spend);
    await workspace.graphql(spend);

    const answers = await sendOverEveryTransport(cost.url, workspace, { query: page });

    expect(Object.values(answers).map(({ code }) => code)).toEqual(
      Array.from({ length: 4 }, () => 'RATE_LIMITED'),
    );
    expect([answers.POST.status, answers.GET.status]).toEqual([429, 429]);
  });
});

const unlimited = limited({ keyCost: 0, workspaceCost: 0 });

describe('the concurrency of one key', () => {
  it('is limited for operations: further ones are refused until others end', async () => {
    const workspace = await newWorkspace(crowd);
    const held = await blockTable(crowd, 'task');
    const waiting = [1, 2].map(() => workspace.graphql('{ tasks { nodes { id } } }'));
    await held.waitUntilBlocked();

    const refused = await workspace.graphql(name);
    await held.release();
    const answered = await Promise.all(waiting);
    const later = await workspace.graphql(name);

    expect([refused.status, codeOf(refused.body)]).toEqual([429, 'RATE_LIMITED']);
    expect(answered.map(({ status }) => status)).toEqual([200, 200]);
    expect(later.status).toBe(200);
  });

  it('is limited for sockets: another one is closed with "try again later" until one disconnects', async () => {
    const { key } = await newWorkspace(crowd);
    const first = await connectSocket(crowd.url, key);
    await connectSocket(crowd.url, key);

    const third = await openSocket(crowd.url);
    third.send({ type: 'connection_init', payload: { key } });
    const { code } = await third.closed;
    first.close();
    await first.closed;

    expect(code).toBe(1013);
    await expect
      .poll(() => connectSocket(crowd.url, key).catch(() => undefined), pollOptions)
      .toBeDefined();
  });

  it('is limited for subscriptions: another one is refused by its id, without affecting the others', async () => {
    const workspace = await newWorkspace(crowd);
    const socket = await connectSocket(crowd.url, workspace.key);
    const ids = [start(socket, { query: watch }), start(socket, { query: watch })];
    await workspace.send([{ type: 'page', userId: 'u0', messageId: 'm0' }]);
    for (const id of ids) await socket.waitFor((message) => message['id'] === id);

    const third = start(socket, { query: watch });
    const refused = await socket.waitFor((message) => message['id'] === third);
    socket.send({ type: 'complete', id: ids[0] });
    await expect
      .poll(async () => {
        // It delivers immediately or is refused.
        const id = start(socket, { query: 'subscription { stageCountsChanged { __typename } }' });
        return (await socket.waitFor((message) => message['id'] === id))['type'];
      }, pollOptions)
      .toBe('next');

    expect(refused).toMatchObject({
      type: 'error',
      payload: [{ extensions: { code: 'RATE_LIMITED' } }],
    });
  });
});

it('refuses operations that one socket starts too fast, each by its id', async () => {
  const workspace = await newWorkspace(sockets);
  const socket = await connectSocket(sockets.url, workspace.key);
  const kept = start(socket, { query: watch });

  for (let i = 0; i < 200; i += 1) {
    socket.send({ type: 'complete', id: start(socket, { query: watch }) });
  }
  const one = start(socket, { query: watch });
  const last = await socket.waitFor((message) => message['id'] === one);
  await workspace.send([{ type: 'page', userId: 'u0', messageId: 'm0' }]);
  const delivered = await socket.waitFor((message) => message['id'] === kept);

  expect(last).toMatchObject({
    type: 'error',
    payload: [{ extensions: { code: 'RATE_LIMITED' } }],
  });
  expect(delivered['type']).toBe('next');
});

it('limits look-ups of unknown keys per address', async () => {
  const guesses = limitedGuesses;
  const workspace = await newWorkspace(guesses);
  const fake = async () => {
    const { key } = await createKey(server.database, (await other).id, { name: 'x', scopes: [] });
    return key;
  };
  const other = newWorkspace(server);
  const statuses = [];
  for (let i = 0; i < 8; i += 1) {
    statuses.push((await workspace.graphql(name, {}, await fake())).status);
  }

  expect(statuses).toEqual([401, 401, 401, 401, 401, 429, 429, 429]);
});

const limitedGuesses = limited({ unknownKeys: 1 });
