import { get } from 'node:http';
import { createClient } from 'graphql-sse';
import { afterEach, describe, expect, it } from 'vitest';
import { msPerDay } from '../../../src/platform/time/ms-per-day.ts';
import { deliveriesOf, framesOf } from '../../support/event-frames.ts';
import { positionsTo, storedChanges } from '../../support/inspect.ts';
import { type Changes, positionOf, type Stages, watchChanges } from '../../support/live-client.ts';
import { blockTable } from '../../support/lock-ingestion.ts';
import { createRandom } from '../../support/random.ts';
import { openEventStream, type RawEventStream } from '../../support/raw-event-stream.ts';
import { newWorkspace, type TestWorkspace, useServer } from '../../support/server.ts';

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

/** Every position from which a client may resume, in order. */
const idsOf = (text: string) => framesOf(text).flatMap(({ id }) => (id === undefined ? [] : [id]));

const positions = (text: string) => changesOf(text).map(({ data }) => positionOf(data.changes));

const waitForCount = (stream: RawEventStream, count: number) =>
  stream.until((text) => changesOf(text).length >= count);

async function epochOf(workspace: TestWorkspace) {
  const found = await workspace.query<{ workspace: { cursor: string } }>(
    '{ workspace { cursor } }',
  );
  return String(found.workspace.cursor.split('.')[0]);
}

it('delivers changes from the response on, with the cursor as event id', async () => {
  const workspace = await newWorkspace(server);
  await workspace.send([order('before')]);

  const stream = await open(workspace);
  await workspace.send([order('u1')]);

  const text = await waitForCount(stream, 2);
  expect(stream.status).toBe(200);
  expect(stream.headers.get('content-type')).toMatch(/^text\/event-stream/);
  expect(stream.headers.get('cache-control')).toContain('no-cache');
  expect(positions(text)).toEqual([3, 4]);
  for (const { id, data } of changesOf(text)) expect(id).toBe(data.changes.cursor);
});

it('responds only after its start position is fixed', async () => {
  const workspace = await newWorkspace(server);
  const held = await blockTable(server, 'change_counter');
  let answered = false;

  const opening = open(workspace).finally(() => {
    answered = true;
  });
  await held.waitUntilBlocked();
  const answeredWhileHeld = answered;
  await held.release();
  const stream = await opening;
  await workspace.send([order('u1')]);

  expect(answeredWhileHeld).toBe(false);
  expect(positions(await waitForCount(stream, 2))).toEqual([1, 2]);
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
  const search = new URLSearchParams({ query: watchChanges, variables });

  const response = await fetch(`${server.url}/graphql?${search}`, {
    headers: { authorization: `Bearer ${workspace.key}`, accept: 'text/event-stream' },
  });
  let text = '';
  for await (const chunk of response.body ?? []) {
    text += Buffer.from(chunk).toString();
    if (changesOf(text).length > 0) break;
  }

  expect(positions(text)).toEqual([2]);
});

describe('the id of the last event examined', () => {
  const raised = `subscription { stageChanged(to: ["LOYALTY"]) {
    __typename ... on StageChanged { cursor toKey } ... on StreamReset { reason cursor } } }`;

  async function openFiltered(workspace: TestWorkspace, headers: Record<string, string> = {}) {
    const stream = await openEventStream(server.url, workspace.key, { query: raised }, headers);
    streams.push(stream);
    return stream;
  }

  it('is sent with the first bytes, so that a client that disconnects at once misses nothing', async () => {
    const workspace = await newWorkspace(server);
    await workspace.send([order('before')]);
    const epoch = await epochOf(workspace);

    const first = await open(workspace);
    const [lastEventId = ''] = idsOf(await first.until((text) => text.includes('\n\n')));
    first.cancel();
    await workspace.send([order('u1')]);
    const second = await open(workspace, {}, { 'last-event-id': lastEventId });

    expect(lastEventId).toBe(`${epoch}.2`);
    expect(positions(await waitForCount(second, 2))).toEqual([3, 4]);
  });

  it('advances with heartbeats when the filter matches nothing, so that it never expires', async () => {
    const workspace = await newWorkspace(server);
    const epoch = await epochOf(workspace);
    const sent = new Date('2026-01-01T00:00:00Z');
    server.clock.now = sent;

    const stream = await openFiltered(workspace);
    await stream.until((text) => idsOf(text).length === 1);
    await workspace.send([order('u1')]);
    const ids = idsOf(await stream.until((text) => idsOf(text).includes(`${epoch}.2`)));
    stream.cancel();
    server.clock.now = new Date(sent.getTime() + 40 * msPerDay);
    const back = await openFiltered(workspace, { 'last-event-id': ids.at(-1) ?? '' });
    await workspace.send([1, 2, 3, 4, 5].map(() => order('u1')));
    const [delivered] = deliveriesOf<Stages>(
      await back.until((text) => deliveriesOf(text).length === 1),
    );
    server.clock.now = undefined;

    expect(ids[0]).toBe(`${epoch}.0`);
    expect(delivered?.data.stageChanged).toMatchObject({ toKey: 'LOYALTY' });
  });

  it('is sent only after the counts, which the differences need', async () => {
    const workspace = await newWorkspace(server);
    await workspace.send([order('u1')]);
    const query = 'subscription { stageCountsChanged { __typename } }';
    const stream = await openEventStream(server.url, workspace.key, { query });
    streams.push(stream);

    const text = await stream.until((so) => deliveriesOf(so).length === 1);

    expect(framesOf(text).map(({ event, id }) => [event, id])).toEqual([
      ['next', `${await epochOf(workspace)}.2`],
    ]);
  });
});

describe('Accept', () => {
  const subscribe = (workspace: TestWorkspace, accept: string | undefined) =>
    fetch(`${server.url}/graphql`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${workspace.key}`,
        'content-type': 'application/json',
        ...(accept !== undefined && { accept }),
      },
      body: JSON.stringify({ query: watchChanges }),
    });

  it.each([
    ['application/json'],
    ['application/graphql-response+json, application/json;q=0.9'],
    // The Accept header of @apollo/client.
    ['multipart/mixed;boundary=graphql;subscriptionSpec=1.0,application/json'],
    ['text/event-stream;q=0, */*'],
    ['image/png'],
  ])('%s is refused immediately with 406, in JSON', async (accept) => {
    const response = await subscribe(await newWorkspace(server), accept);

    expect(response.status).toBe(406);
    expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(await response.json()).toMatchObject({
      errors: [{ extensions: { code: 'NOT_ACCEPTABLE' } }],
    });
  });

  it.each([
    ['*/*'],
    ['text/*'],
    ['application/json, text/event-stream'],
    ['multipart/mixed, text/event-stream;q=0.1'],
  ])('%s is answered with an event stream', async (accept) => {
    const response = await subscribe(await newWorkspace(server), accept);
    await response.body?.cancel();

    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
  });
});

describe('Last-Event-ID', () => {
  it('takes precedence over "after"', async () => {
    const workspace = await newWorkspace(server);
    await workspace.send([order('u1'), order('u2')]);
    const epoch = await epochOf(workspace);

    const stream = await open(
      workspace,
      { after: `${epoch}.0` },
      { 'last-event-id': `${epoch}.2` },
    );
    const replayed = await waitForCount(stream, 2);
    await workspace.send([order('u3')]);

    expect(positions(replayed)).toEqual([3, 4]);
    expect(positions(await waitForCount(stream, 4))).toEqual([3, 4, 5, 6]);
  });

  it.each([51, 52])('sees every change once despite disconnects (%i)', async (seed) => {
    const random = createRandom(seed);
    const workspace = await newWorkspace(server);
    const seen: number[] = [];
    let lastEventId = `${await epochOf(workspace)}.0`;

    async function visit(stays: number) {
      const stream = await open(workspace, {}, { 'last-event-id': lastEventId });
      const { length } = await storedChanges(server, workspace);
      const text = await waitForCount(stream, Math.min(stays, length - seen.length));
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
  ])('is answered with a reset (%s) if it cannot be resumed', async (reason, id) => {
    const workspace = await newWorkspace(server);
    await workspace.send([order('u1')]);
    const epoch = await epochOf(workspace);

    const stream = await open(workspace, {}, { 'last-event-id': id.replace('{epoch}', epoch) });
    const text = await stream.ended;

    const cursor = `${epoch}.2`;
    expect(changesOf(text)).toEqual([
      {
        id: undefined,
        data: { changes: expect.objectContaining({ __typename: 'StreamReset', reason, cursor }) },
        extensions: { stream: { reset: { reason, cursor } } },
      },
    ]);
    expect(idsOf(text)).toEqual([]);
    expect(framesOf(text).at(-1)).toEqual({ event: 'complete', data: '' });
  });

  it('is refused if it is not a cursor', async () => {
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

  it('does not delay others, and misses nothing when reading resumes', async () => {
    const workspace = await newWorkspace(server);
    const after = `${await epochOf(workspace)}.0`;
    const request = { query: essays, variables: { after } };
    const search = new URLSearchParams({ query: essays, variables: JSON.stringify({ after }) });
    const headers = { authorization: `Bearer ${workspace.key}`, accept: 'text/event-stream' };
    const slow = await new Promise<import('node:http').IncomingMessage>((resolve, reject) => {
      get(`${server.url}/graphql?${search}`, { headers }, resolve).on('error', reject);
    });
    slow.pause();
    const fast = await openEventStream(server.url, workspace.key, request);
    streams.push(fast);
    const count = 400;

    for (let n = 0; n < count; n += 10) {
      await workspace.send(positionsTo(10).map((k) => large(n + k)));
    }
    const ids = (text: string) => deliveriesOf(text).map(({ id }) => id);
    // Not looked into before it is long enough: it grows to 12 MB in hundreds of pieces.
    const isComplete = (text: string) =>
      text.length > count * 30_000 && text.endsWith('\n\n') && ids(text).length === count;
    const quickly = ids(await fast.until(isComplete));
    let text = '';
    for await (const chunk of slow) {
      text += chunk;
      if (isComplete(text)) break;
    }

    expect(ids(text)).toEqual(quickly);
  });
});
