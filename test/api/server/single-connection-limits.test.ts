import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { loadConfig } from '../../../src/platform/config.ts';
import { waitUntil } from '../../support/embedded-owners.ts';
import { blockTable } from '../../support/lock-ingestion.ts';
import { createRandom } from '../../support/random.ts';
import { openConnection } from '../../support/raw-connection.ts';
import { recordBacklog } from '../../support/record-backlog.ts';
import { newWorkspace, type TestWorkspace, useServer } from '../../support/server.ts';
import { codeOf, operationBody, singleConnection } from '../../support/single-connection.ts';

const server = useServer();
const cleanups: Array<() => void> = [];

afterEach(() => {
  for (const clean of cleanups.splice(0)) clean();
});

const name = '{ workspace { name } }';
const watchAll = 'subscription { changes { ... on Change { cursor } } }';

const requestsOf = ({ key }: Pick<TestWorkspace, 'key'>, url = server.url) =>
  singleConnection(url, key);

async function openStream(workspace: Pick<TestWorkspace, 'key'>, url = server.url) {
  const stream = await requestsOf(workspace, url).stream();
  cleanups.push(stream.cancel);
  return stream;
}

describe('limits', () => {
  const { limits } = loadConfig({});
  const limited = useServer({ limits: { ...limits, keySockets: 1, keySubscriptions: 1 } });

  it('count a stream as a socket and its subscriptions, and are released when the client leaves', async () => {
    const workspace = await newWorkspace(limited);
    const requests = requestsOf(workspace, limited.url);
    const stream = await openStream(workspace, limited.url);
    const first = await requests.start(stream.token, 'a', watchAll);
    const excess = await requests.start(stream.token, 'b', watchAll);
    const refused = await requests.reserve();

    stream.cancel();
    await waitUntil(async () => (await requests.reserve()).status === 201);

    expect(first.status).toBe(202);
    expect(await codeOf(excess)).toEqual([429, 'RATE_LIMITED']);
    expect(await codeOf(refused)).toEqual([429, 'RATE_LIMITED']);
    expect(refused.headers.get('retry-after')).toBe('1');
  });

  it('are released when the client aborts the start of an operation', async () => {
    const workspace = await newWorkspace(limited);
    const requests = requestsOf(workspace, limited.url);
    const { token } = await openStream(workspace, limited.url);
    const held = await blockTable(limited, 'change_counter');
    const leaving = new AbortController();

    const aborted = requests
      .post(token, operationBody('a', watchAll), { signal: leaving.signal })
      .catch((error: Error) => error.name);
    await held.waitUntilBlocked();
    leaving.abort();
    await held.release();

    expect(await aborted).toBe('AbortError');
    await waitUntil(async () => (await requests.start(token, 'a', watchAll)).status === 202);
  });
});

describe('operations', () => {
  const { limits } = loadConfig({});
  const limited = useServer({ limits: { ...limits, keySubscriptions: 20, socketOperations: 0 } });

  it('leave nothing behind when their clients abort at any time', async () => {
    const workspace = await newWorkspace(limited);
    const requests = requestsOf(workspace, limited.url);
    const random = createRandom(1);
    for (let round = 0; round < 20; round += 1) {
      const { token, cancel } = await openStream(workspace, limited.url);
      const aborted = Array.from({ length: 20 }, async (_, index) => {
        const leaving = new AbortController();
        const body = operationBody(`op-${index}`, watchAll);
        const posted = requests.post(token, body, { signal: leaving.signal });
        posted.catch(() => undefined);
        for (let turns = random.between(0, 60); turns > 0; turns -= 1) await nextTurn();
        leaving.abort();
      });
      await Promise.all(aborted);
      cancel();
    }

    const { token } = await openStream(workspace, limited.url);
    for (let index = 0; index < 20; index += 1) {
      await waitUntil(async () => {
        return (await requests.start(token, `op-${index}`, watchAll)).status === 202;
      });
    }
  });
});

describe('the rate of operations', () => {
  const { limits } = loadConfig({});
  const limited = useServer({ limits: { ...limits, socketOperations: 1 } });

  it('is limited by stream', async () => {
    const workspace = await newWorkspace(limited);
    const requests = requestsOf(workspace, limited.url);
    const fast = await openStream(workspace, limited.url);
    const other = await openStream(workspace, limited.url);

    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) => requests.start(fast.token, `op-${index}`, name)),
    );
    const refused = answers.find(({ status }) => status !== 202);

    expect(refused && (await codeOf(refused))).toEqual([429, 'RATE_LIMITED']);
    expect((await requests.start(other.token, 'a', name)).status).toBe(202);
  });
});

it('keeps a bounded number of bytes for a client that does not read its stream', async () => {
  const workspace = await newWorkspace(server);
  const requests = requestsOf(workspace);
  const token = await requests.token();
  const backlog = recordBacklog();
  cleanups.push(backlog.stop);
  const connection = await openConnection(server.url);
  cleanups.push(() => connection.socket.destroy());
  connection.socket.pause();
  connection.write(
    `GET /graphql?token=${token} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${workspace.key}\r\nAccept: text/event-stream\r\n\r\n`,
  );
  await waitUntil(() => backlog.response());

  let answered = 0;
  const started = Array.from({ length: 50 }, async (_, index) => {
    const { status } = await requests.start(token, `op-${index}`, introspection);
    answered += 1;
    return status;
  });
  await waitUntil(() => backlog.response()?.writableNeedDrain);
  // Until none is answered while five others of the same size are.
  for (let before = -1; before !== answered; ) {
    before = answered;
    for (let other = 0; other < 5; other += 1) await workspace.graphql(introspection);
  }
  const answeredWhileBlocked = answered;
  connection.socket.resume();
  const statuses = await Promise.all(started);
  const text = await connection.until((all) => all.split('event: complete').length === 51);

  console.log(`${text.length} bytes were sent, at most ${backlog.max()} waited`);
  expect(answeredWhileBlocked).toBeLessThan(50);
  expect(new Set(statuses)).toEqual(new Set([202]));
  expect(text.length).toBeGreaterThan(15_000_000);
  expect(backlog.max()).toBeLessThan(1_000_000);
});

const types =
  'types { name description fields { name description type { name } args { name description } } inputFields { name description } enumValues { name description } }';
const introspection = `{ a: __schema { ${types} } b: __schema { ${types} } c: __schema { ${types} } }`;
