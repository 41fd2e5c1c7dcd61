import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { cleanUp, createFolder } from '../support/embedded-owners.ts';
import { positionsTo } from '../support/inspect.ts';
import { post } from '../support/ledger.ts';
import {
  type LiveTransport,
  overEventStream,
  overSingleConnection,
  overWebSocket,
} from '../support/live-transports.ts';
import { createSubscriber, followLine, type ResumingSubscriber } from '../support/resuming-line.ts';
import {
  endServers,
  processAdminKey,
  type ServerProcess,
  startServerProcess,
} from '../support/server-process.ts';
import { startHttpProxy } from '../support/tcp-proxy.ts';

const query = `subscription ($after: Cursor) {
  changes(after: $after) { __typename ... on Change { cursor customer { userId } } } }`;

let server: ServerProcess;
let proxy: Awaited<ReturnType<typeof startHttpProxy>>;
let start: string;

beforeAll(async () => {
  server = await startServerProcess(await createFolder());
  const batch = [{ type: 'track', userId: 'Zoë', event: 'Order Completed' }];
  await post(`${server.url}/v1/batch`, processAdminKey, { batch });
  const { body } = await post(`${server.url}/graphql`, processAdminKey, {
    query: '{ workspace { cursor } }',
  });
  const { cursor } = (body as { data: { workspace: { cursor: string } } }).data.workspace;
  start = `${cursor.split('.')[0]}.0`;
  proxy = await startHttpProxy(server.url);
});
afterEach(() => expect(server.errors()).toBe(''));
afterAll(async () => {
  await proxy.close();
  await endServers();
  await cleanUp();
});

/** The last delivery with its frame is shorter: every byte of it is cut, before it one byte of so many. */
const lastBytes = 280;
const stepBefore = 7;

/** An order makes two changes: the creation of the customer and a stage change. */
const changes = 2;

const transports: Array<[string, LiveTransport]> = [
  ['a WebSocket', overWebSocket],
  ['an event stream', overEventStream],
  ['an event stream in single connection mode', overSingleConnection],
];

describe.each(transports)('over %s', (_name, transport) => {
  /** Follows the log from its start until all was received. */
  async function followAll() {
    const subscriber = createSubscriber(query, start);
    // Of the requests in single connection mode only the stream is cut.
    const url = transport === overSingleConnection ? server.url : proxy.url;
    const address = { url, key: processAdminKey, streamUrl: proxy.url };
    const line = followLine([subscriber], { transport, address: () => address, maxPauseMs: 0 });
    await line.until(() => subscriber.seen.length === changes);
    await line.stop();
    return { subscriber, connections: line.connections() };
  }

  it('a cut within any frame loses and repeats nothing', async () => {
    const before = proxy.received();
    const whole = await followAll();
    const bytes = proxy.received() - before;
    const followed: Array<{ subscriber: ResumingSubscriber; connections: number }> = [];
    for (let cutAt = 1; cutAt < bytes; cutAt += cutAt < bytes - lastBytes ? stepBefore : 1) {
      proxy.cutNextAfter(cutAt);
      followed.push(await followAll());
    }

    console.log(`${followed.length} cuts in ${bytes} bytes`);
    for (const { subscriber } of [whole, ...followed]) {
      expect(subscriber.seen).toEqual(positionsTo(changes));
      expect([subscriber.repeated, subscriber.odd]).toEqual([0, []]);
    }
    expect(whole.connections).toBe(1);
    // Of every other connection something was delivered before it was cut.
    expect(Math.max(...followed.map(({ connections }) => connections))).toBe(2);
  });
});
