import { afterEach, describe, expect, it } from 'vitest';
import {
  maxRejectedEvents,
  maxRejectedText,
  storeRejectedEvents,
} from '../../../src/engine/ingestion/store-rejected-events.ts';
import { sql } from '../../../src/platform/sql.ts';
import { msPerDay } from '../../../src/platform/time/ms-per-day.ts';
import { asAdmin } from '../../support/databases.ts';
import { storedEvents } from '../../support/inspect.ts';
import { newWorkspace, type TestWorkspace, useServer } from '../../support/server.ts';

const server = useServer();

afterEach(() => {
  server.clock.now = undefined;
});

interface Rejected {
  code: string;
  message: string;
  messageId: string | null;
  keyId: string | null;
  event: string | null;
  isCut: boolean;
}

async function rejectedOf(workspace: TestWorkspace, args = '(first: 100)') {
  const { rejectedEvents } = await workspace.query<{
    rejectedEvents: { nodes: Rejected[]; pageInfo: { endCursor: string; hasNextPage: boolean } };
  }>(
    `{ rejectedEvents${args} { nodes { code message messageId keyId event isCut } pageInfo { endCursor hasNextPage } } }`,
  );
  return rejectedEvents;
}

/** Rejected events are stored in the background. */
const waitForRejected = (workspace: TestWorkspace, count: number) =>
  expect
    .poll(async () => (await rejectedOf(workspace)).nodes.length, { timeout: 20_000 })
    .toBe(count);

const bad = (messageId: string, more: object = {}) => ({
  type: 'track',
  messageId,
  userId: 'u',
  ...more,
});
const good = { type: 'page', userId: 'u' };

it('lists what was rejected of a batch, newest first, as received and with the reason', async () => {
  const workspace = await newWorkspace(server);
  const other = await newWorkspace(server);

  const { status } = await workspace.send([bad('m1'), good, 7 as never, { type: 'page' }]);

  expect(status).toBe(207);
  await waitForRejected(workspace, 3);
  const keyId = workspace.key.split('_')[2];
  const { nodes } = await rejectedOf(workspace);
  expect(nodes).toMatchObject([
    { code: 'INVALID_EVENT', messageId: null, event: '{"type":"page"}' },
    { code: 'INVALID_EVENT', messageId: null, event: '7' },
    {
      code: 'INVALID_EVENT',
      message: 'event: a track call requires the name of the event',
      messageId: 'm1',
      keyId,
      event: '{"type":"track","messageId":"m1","userId":"u"}',
      isCut: false,
    },
  ]);
  expect((await rejectedOf(other)).nodes).toEqual([]);
  expect(await storedEvents(server, workspace)).toHaveLength(1);
});

it('lists those of single calls and of the mutation track', async () => {
  const workspace = await newWorkspace(server);

  await workspace.post('/v1/track', { userId: 'u' });
  await workspace.query('mutation { track(events: [{ type: PAGE }]) { refused } }');

  await waitForRejected(workspace, 2);
});

it('pages through all of them', async () => {
  const workspace = await newWorkspace(server);
  await workspace.send(['a', 'b', 'c'].map((name) => bad(name)));
  await waitForRejected(workspace, 3);

  const first = await rejectedOf(workspace, '(first: 2)');
  const second = await rejectedOf(workspace, `(first: 2, after: "${first.pageInfo.endCursor}")`);

  expect([first.pageInfo.hasNextPage, second.pageInfo.hasNextPage]).toEqual([true, false]);
  expect([...first.nodes, ...second.nodes].map(({ messageId }) => messageId)).toEqual([
    'c',
    'b',
    'a',
  ]);
});

it.each<[string, object, string | null]>([
  ['a NUL character', { properties: { text: 'a\u0000b' } }, '\\u0000'],
  ['half of a surrogate pair', { properties: { text: 'a\ud800b' } }, '\\ud800'],
  [
    'an emoji at the cut',
    { properties: { text: `${'x'.repeat(maxRejectedText - 75)}${'😀'.repeat(90)}` } },
    'xxx',
  ],
  ['40 levels', { properties: JSON.parse(`${'{"a":'.repeat(40)}1${'}'.repeat(40)}`) }, null],
  ['more bytes than an event may have', { properties: { text: 'x'.repeat(40_000) } }, 'xxx'],
])('keeps an event with %s beside accepted ones', async (_what, more, part) => {
  const workspace = await newWorkspace(server);

  await workspace.send([good, bad('m', more)]);

  await waitForRejected(workspace, 1);
  const { nodes } = await rejectedOf(workspace);
  const event = nodes[0]?.event ?? null;
  if (part === null) expect(event).toBeNull();
  else expect(event).toContain(part);
  expect(event?.length ?? 0).toBeLessThanOrEqual(maxRejectedText);
  expect(nodes[0]?.isCut).toBe(event === null || event.length === maxRejectedText);
  expect(await storedEvents(server, workspace)).toHaveLength(1);
});

it('accepts events while rejected ones cannot be stored', async () => {
  const workspace = await newWorkspace(server);
  await asAdmin(server.databaseUrl, 'alter table rejected_event rename to away');

  const { status } = await workspace.send([good, bad('m')]);
  await asAdmin(server.databaseUrl, 'alter table away rename to rejected_event');

  expect(status).toBe(207);
  expect(await storedEvents(server, workspace)).toHaveLength(1);
  await workspace.send([bad('later')]);
  await waitForRejected(workspace, 1);
});

describe('keeps no more than', () => {
  it('the latest 10,000 of a workspace', async () => {
    const workspace = await newWorkspace(server);
    const store = (count: number, message: string) =>
      server.database.inWorkspace(workspace.id, (db) => {
        const one = { code: 'INVALID_EVENT', messageId: null, message, keyId: null } as const;
        const rest = { receivedAt: new Date(), event: '{}', isCut: false };
        return storeRejectedEvents(
          db,
          Array.from({ length: count }, () => ({ ...one, ...rest })),
        );
      });

    await store(maxRejectedEvents - 10, 'old');
    await store(30, 'new');
    await store(maxRejectedEvents / 2, 'newest');

    const { rows } = await server.database.inWorkspace(workspace.id, (db) =>
      db.query(sql`
        select message, count(*)::int as count from rejected_event
        where workspace_id = ${workspace.id} group by message order by message`),
    );
    expect(rows).toEqual([
      { message: 'new', count: 30 },
      { message: 'newest', count: 5_000 },
      { message: 'old', count: 4_970 },
    ]);
  });

  it('those of the last 7 days', async () => {
    const workspace = await newWorkspace(server);
    await workspace.send([bad('old')]);
    await waitForRejected(workspace, 1);
    const countStored = async () => {
      const { rows } = await asAdmin(
        server.databaseUrl,
        `select message_id from rejected_event where workspace_id = '${workspace.id}'`,
      );
      return rows.map(({ message_id: id }) => id);
    };

    server.clock.now = new Date(Date.now() + 7 * msPerDay + 1_000);
    await workspace.send([bad('new')]);

    await expect.poll(countStored, { timeout: 20_000 }).toEqual(['new']);
    expect((await rejectedOf(workspace)).nodes.map(({ messageId }) => messageId)).toEqual(['new']);
  });
});

it.each([['ingest'], ['write'], ['collect']] as const)(
  'is refused to a key with the scope %s',
  async (scope) => {
    const workspace = await newWorkspace(server, { scopes: [scope] });

    const { status, body } = await workspace.graphql('{ rejectedEvents { nodes { id } } }');

    expect([status, body.errors[0].extensions.code]).toEqual([403, 'FORBIDDEN']);
  },
);
