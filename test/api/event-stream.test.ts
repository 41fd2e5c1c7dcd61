import { get } from 'node:http';
import { createClient } from 'graphql-sse';
import { afterEach, describe, expect, it } from 'vitest';
import { deliveriesOf, framesOf } from '../support/event-frames.ts';
import { holdTable } from '../support/hold-ingestion.ts';
import { positionsTo, storedChanges } from '../support/inspect.ts';
import { type Changes, positionOf, watchChanges } from '../support/live-client.ts';
import { createRandom } from '../support/random.ts';
import { openEventStream, type RawEventStream } from '../support/raw-event-stream.ts';
import { newWorkspace, type TestWorkspace, useServer } from '../support/server.ts';

const server = useServer();
const streams: RawEventStream[] = [];

afterEach(() => {
  for (const stream of streams.splice(0)) stream.cancel();
});

async function open(
  workspace: TestWorkspace,
  variables: object = {},
  headers: Record<string, string> = {},
) {
  const request = { query: watchChanges, variables };
  const stream = await openEventStream(server.url, workspace.key, request, headers);
  streams.push(stream);
  return stream;
}

const order = (userId: string) => ({ type: 'track', userId, event: 'Order Completed' });

const changesOf = (text: string) => deliveriesOf<Changes>(text);

const positions = (text: string) => changesOf(text).map(({ data }) => positionOf(data.changes));

const untilCount = (stream: RawEventStream, count: number) =>
  stream.until((text) => changesOf(text).length >= count);

async function epochOf(workspace: TestWorkspace) {
  const found = await workspace.query<{ workspace: { cursor: string } }>(
    '{ workspace { cursor } }',
  );
  return String(found.workspace.cursor.split('.')[0]);
}

it('delivers what happens from the answer on, the cursor as the id of each event', async () => {
  const workspace = await newWorkspace(server);
  await workspace.send([order('before')]);

  const stream = await open(workspace);
  await workspace.send([order('u1')]);

  const text = await untilCount(stream, 2);
  expect(stream.status).toBe(200);
  expect(stream.headers.get('content-type')).toMatch(/^text\/event-stream/);
  expect(stream.headers.get('cache-control')).toContain('no-cache');
  expect(positions(text)).toEqual([3, 4]);
  for (const { id, data } of changesOf(text)) expect(id).toBe(data.changes.cursor);
});

it('does not answer before it is settled where "from now on" begins', async () => {
  const workspace = await newWorkspace(server);
  const held = await holdTable(server, 'change_counter');
  let answered = false;

  const opening = open(workspace).finally(() => {
    answered = true;
  });
  await held.untilWaiting();
  const answeredWhileHeld = answered;
  await held.release();
  const stream = await opening;
  await workspace.send([order('u1')]);

  expect(answeredWhileHeld).toBe(false);
  expect(positions(await untilCount(stream, 2))).toEqual([1, 2]);
});

it('is read by the official client', async () => {
  const workspace = await newWorkspace(server);
  const client = createClient({
    url: `${server.url}/graphql`,
    headers: { authorization: `Bearer ${workspace.key}` },
    retryAttempts: 0,
  });
  await workspace.send([order('u1')]);
  const after = `${await epochOf(workspace)}.0`;

  const seen: number[] = [];
  for await (const { data } of client.iterate<Changes>({
    query: watchChanges,
    variables: { after },
  })) {
    if (data) seen.push(positionOf(data.changes));
    if (seen.length === 2) break;
  }
  client.dispose();

  expect(seen).toEqual([1, 2]);
});

it('is read with GET as well', async () => {
  const workspace = await newWorkspace(server);
  await workspace.send([order('u1')]);
  const variables = JSON.stringify({ after: `${await epochOf(workspace)}.1` });
  const asked = new URLSearchParams({ query: watchChanges, variables });

  const response = await fetch(`${server.url}/graphql?${asked}`, {
    headers: { authorization: `Bearer ${workspace.key}`, accept: 'text/event-stream' },
  });
  let text = '';
  for await (const chunk of response.body ?? []) {
    text += Buffer.from(chunk).toString();
    if (changesOf(text).length > 0) break;
  }

  expect(positions(text)).toEqual([2]);
});

describe('Last-Event-ID', () => {
  it('goes on after the event it names, whatever "after" says', async () => {
    const workspace = await newWorkspace(server);
    await workspace.send([order('u1'), order('u2')]);
    const epoch = await epochOf(workspace);

    const stream = await open(
      workspace,
      { after: `${epoch}.0` },
      { 'last-event-id': `${epoch}.2` },
    );
    const replayed = await untilCount(stream, 2);
    await workspace.send([order('u3')]);

    expect(positions(replayed)).toEqual([3, 4]);
    expect(positions(await untilCount(stream, 4))).toEqual([3, 4, 5, 6]);
  });

  it.each([51, 52])('sees every change once, however often it is cut off (%i)', async (seed) => {
    const random = createRandom(seed);
    const workspace = await newWorkspace(server);
    const seen: number[] = [];
    let lastEventId = `${await epochOf(workspace)}.0`;

    async function visit(stays: number) {
      const stream = await open(workspace, {}, { 'last-event-id': lastEventId });
      const { length } = await storedChanges(server, workspace);
      const text = await untilCount(stream, Math.min(stays, length - seen.length));
      stream.cancel();
      seen.push(...positions(text));
      lastEventId = changesOf(text).at(-1)?.id ?? lastEventId;
    }

    for (let batch = 0; batch < 30; batch += 1) {
      const sending = workspace.send(positionsTo(8).map(() => order(`u${random.between(1, 99)}`)));
      await visit(random.between(1, 30));
      await sending;
    }
    const log = await storedChanges(server, workspace);
    while (seen.length < log.length) await visit(random.between(1, 200));

    expect(log.length).toBeGreaterThan(150);
    expect(seen).toEqual(positionsTo(log.length));
  });

  it.each([
    ['UNKNOWN_LOG', '0000000000.1'],
    ['AHEAD_OF_LOG', '{epoch}.9'],
  ])('is answered with a reset (%s) where nothing can be gone on from', async (reason, id) => {
    const workspace = await newWorkspace(server);
    await workspace.send([order('u1')]);
    const epoch = await epochOf(workspace);

    const stream = await open(workspace, {}, { 'last-event-id': id.replace('{epoch}', epoch) });
    const text = await stream.ended;

    const cursor = `${epoch}.2`;
    expect(changesOf(text)).toMatchObject([
      { id: cursor, data: { changes: { __typename: 'StreamReset', reason, cursor } } },
    ]);
    expect(framesOf(text).at(-1)).toEqual({ event: 'complete', data: '' });
  });

  it('is refused when it is no cursor', async () => {
    const workspace = await newWorkspace(server);

    const stream = await open(workspace, {}, { 'last-event-id': 'yesterday' });

    expect(await stream.ended).toContain('"code":"INVALID_INPUT"');
  });
});

describe('a reader that stops reading', () => {
  const large = (n: number) => ({
    type: 'identify',
    userId: `u${n}`,
    traits: { essay: 'x'.repeat(30_000) },
  });
  const essays = `subscription ($after: Cursor) { stageChanged(after: $after) {
    ... on StageChanged { cursor customer { traits } } } }`;

  it('costs nobody else, and misses nothing when it reads on', async () => {
    const workspace = await newWorkspace(server);
    const after = `${await epochOf(workspace)}.0`;
    const request = { query: essays, variables: { after } };
    const asked = new URLSearchParams({ query: essays, variables: JSON.stringify({ after }) });
    const headers = { authorization: `Bearer ${workspace.key}`, accept: 'text/event-stream' };
    const slow = await new Promise<import('node:http').IncomingMessage>((resolve, reject) => {
      get(`${server.url}/graphql?${asked}`, { headers }, resolve).on('error', reject);
    });
    slow.pause();
    const fast = await openEventStream(server.url, workspace.key, request);
    streams.push(fast);
    const count = 400;

    for (let n = 0; n < count; n += 10) {
      await workspace.send(positionsTo(10).map((k) => large(n + k)));
    }
    const ids = (text: string) => framesOf(text).map(({ id }) => id);
    const quickly = ids(await fast.until((text) => text.split('\nid: ').length > count));
    let text = '';
    for await (const chunk of slow) {
      text += chunk;
      if (text.split('\nid: ').length > count && text.endsWith('\n\n')) break;
    }

    expect(quickly).toHaveLength(count);
    expect(ids(text)).toEqual(quickly);
  });
});
