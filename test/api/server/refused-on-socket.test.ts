import { afterEach, describe, expect, it } from 'vitest';
import { prepareDatabase } from '../../../src/platform/prepare-database.ts';
import { asAdmin } from '../../support/databases.ts';
import { internalDetails, sendOverEveryTransport } from '../../support/every-transport.ts';
import {
  connectSocket,
  type RawSocket,
  request,
  start,
  waitUntilRead,
} from '../../support/raw-socket.ts';
import { startSecondServer } from '../../support/second-server.ts';
import { newWorkspace, type TestWorkspace, useServer } from '../../support/server.ts';

const server = useServer();
const sockets: RawSocket[] = [];

afterEach(() => {
  for (const socket of sockets.splice(0)) socket.close();
});

interface Failure {
  message: string;
  extensions: Record<string, unknown>;
}

async function openSocket(key: string, url = server.url) {
  const socket = await connectSocket(url, key);
  sockets.push(socket);
  return socket;
}

const order = (userId: string) => ({ type: 'track', userId, event: 'Order Completed' });

/** A subscription that other operations on its socket must not end. */
async function openOtherSubscription(socket: RawSocket, workspace: TestWorkspace) {
  const query = 'subscription { stageCountsChanged { __typename } }';
  const { id } = await request(socket, { query });
  return {
    async expectDelivery() {
      const before = socket.received.filter((message) => message['id'] === id).length;
      await workspace.send([order(crypto.randomUUID())]);
      await socket.waitFor(
        () => socket.received.filter((message) => message['id'] === id).length > before,
      );
    },
  };
}

/** The errors of the only message about the operation. */
async function refusalOf(socket: RawSocket, payload: object): Promise<Failure[]> {
  const { id, answer } = await request(socket, payload);
  await waitUntilRead(socket);
  const all = socket.received.filter((message) => message['id'] === id);
  expect(all.map(({ type }) => type)).toEqual(['error']);
  return answer['payload'] as Failure[];
}

describe('a condition at the root of a subscription', () => {
  it.each<[string, string, object?]>([
    ['on the field', 'subscription { stageChanged @skip(if: true) { __typename } }'],
    [
      'on an inline fragment',
      'subscription { ... @skip(if: true) { stageChanged { __typename } } }',
    ],
    [
      'on a fragment spread',
      'subscription { ...F @include(if: false) } fragment F on Subscription { stageChanged { __typename } }',
    ],
    [
      'inside a fragment',
      'subscription { ...F } fragment F on Subscription { ... on Subscription { stageChanged @include(if: true) { __typename } } }',
    ],
    [
      'inside a fragment that contains itself',
      'subscription { ...F } fragment F on Subscription { ...F @skip(if: false) stageChanged { __typename } }',
    ],
    [
      'by a variable',
      'subscription ($x: Boolean!) { stageChanged @include(if: $x) { __typename } }',
      { x: true },
    ],
  ])(
    '%s is refused at validation, the same over every transport',
    async (_where, query, variables = {}) => {
      const workspace = await newWorkspace(server);
      const socket = await openSocket(workspace.key);
      const other = await openOtherSubscription(socket, workspace);

      const errors = await refusalOf(socket, { query, variables });
      const answers = await sendOverEveryTransport(server.url, workspace, { query, variables });

      expect(errors.map(({ extensions }) => extensions)).toEqual([
        { code: 'GRAPHQL_VALIDATION_FAILED' },
      ]);
      expect(errors[0]?.message).toMatch(/^@(skip|include) is not allowed at the root of a subscr/);
      expect(Object.values(answers).map(({ code }) => code)).toEqual(
        Array(4).fill('GRAPHQL_VALIDATION_FAILED'),
      );
      expect([answers.POST.status, answers.GET.status]).toEqual([400, 400]);
      await other.expectDelivery();
    },
  );

  it('below the root is allowed', async () => {
    const workspace = await newWorkspace(server);
    const socket = await openSocket(workspace.key);
    const query = `subscription { changes { __typename @skip(if: false) ... @include(if: true) {
      ... on Change { cursor } } } }`;

    const id = start(socket, { query });
    await waitUntilRead(socket);
    await expect
      .poll(async () => {
        await workspace.send([order(crypto.randomUUID())]);
        return socket.received.find((message) => message['id'] === id)?.['type'];
      })
      .toBe('next');
  });
});

describe('a refused subscription', () => {
  const deep = (depth: number): object => (depth === 0 ? {} : { in: deep(depth - 1) });

  it.each<[string, string, object]>([
    ['that cannot be parsed', 'GRAPHQL_PARSE_FAILED', { query: 'subscription {' }],
    ['that is empty', 'GRAPHQL_PARSE_FAILED', { query: '' }],
    ['of an unknown field', 'GRAPHQL_VALIDATION_FAILED', { query: 'subscription { nonsense }' }],
    [
      'of two fields',
      'GRAPHQL_VALIDATION_FAILED',
      { query: 'subscription { a: changes { __typename } b: changes { __typename } }' },
    ],
    ['of introspection', 'GRAPHQL_VALIDATION_FAILED', { query: 'subscription { __typename }' }],
    [
      'whose fragments contain each other',
      'GRAPHQL_VALIDATION_FAILED',
      {
        query:
          'subscription { ...A } fragment A on Subscription { ...B } fragment B on Subscription { ...A }',
      },
    ],
    [
      'that is nested a thousand times',
      'GRAPHQL_PARSE_FAILED',
      { query: `subscription { changes ${'{ customer '.repeat(1_000)}` },
    ],
    [
      'of deep variables',
      'INVALID_REQUEST',
      {
        query: 'subscription ($c: Cursor) { changes(after: $c) { __typename } }',
        variables: deep(500),
      },
    ],
    [
      'of a missing variable',
      'INVALID_REQUEST',
      { query: 'subscription ($c: Cursor!) { changes(after: $c) { __typename } }' },
    ],
    [
      'of an unknown stage',
      'INVALID_INPUT',
      { query: 'subscription { stageChanged(to: ["NOPE"]) { __typename } }' },
    ],
    [
      'of an unknown operation',
      'OPERATION_RESOLUTION_FAILURE',
      { query: 'subscription A { changes { __typename } }', operationName: 'B' },
    ],
  ])('%s is reported by its id, and the socket stays open', async (_what, code, payload) => {
    const workspace = await newWorkspace(server);
    const socket = await openSocket(workspace.key);
    const other = await openOtherSubscription(socket, workspace);

    const errors = await refusalOf(socket, payload);

    expect(errors.map(({ extensions }) => extensions)).toEqual(errors.map(() => ({ code })));
    expect(JSON.stringify(errors)).not.toMatch(internalDetails);
    await other.expectDelivery();
  });

  it('is reported by its id to a key without read', async () => {
    const workspace = await newWorkspace(server, { scopes: ['ingest'] });
    const socket = await openSocket(workspace.key);

    const [error] = await refusalOf(socket, { query: 'subscription { changes { __typename } }' });

    expect(error?.extensions['code']).toBe('FORBIDDEN');
  });
});

describe('a bug', () => {
  it('at the start and in the middle of a stream is reported by its id with an incident that is logged', async () => {
    const second = await startSecondServer(server, {
      url: await prepareDatabase(server.databaseUrl),
    });
    const workspace = await newWorkspace(second);
    await workspace.send([order('u1')]);
    const { workspace: found } = await workspace.query<{ workspace: { cursor: string } }>(
      '{ workspace { cursor } }',
    );
    const after = `${found.cursor.split('.')[0]}.0`;
    const query = 'subscription ($after: Cursor) { changes(after: $after) { __typename } }';
    const socket = await openSocket(workspace.key, second.url);

    // Missed changes are read from the table when the stream is pulled; the start position was read before.
    await asAdmin(server.databaseUrl, 'alter table change rename column customer_id to nobody');
    const [inTheMiddle] = await refusalOf(socket, { query, variables: { after } });
    await asAdmin(server.databaseUrl, 'alter table change_counter rename column epoch to nothing');
    const [atTheStart] = await refusalOf(socket, { query, variables: { after } });
    const inAQuery = (await request(socket, { query: '{ workspace { cursor } }' })).answer;
    await asAdmin(
      server.databaseUrl,
      `alter table change_counter rename column nothing to epoch;
       alter table change rename column nobody to customer_id`,
    );
    const answer = (await request(socket, { query: '{ workspace { name } }' })).answer;

    const failures = [inTheMiddle, atTheStart];
    expect(failures.map((failure) => failure?.extensions['code'])).toEqual([
      'INTERNAL',
      'INTERNAL',
    ]);
    expect(JSON.stringify([failures, inAQuery])).not.toMatch(internalDetails);
    for (const failure of failures) {
      const { incident } = failure?.extensions ?? {};
      expect(second.logged.filter((line) => line['incident'] === incident)).toHaveLength(1);
    }
    expect(answer['payload']).toMatchObject({ data: { workspace: { name: workspace.name } } });
    await second.end();
  });
});
