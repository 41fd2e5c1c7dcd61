import { describe, expect, it } from 'vitest';
import type { Database } from '../../../src/platform/database.ts';
import { StorageUnavailable } from '../../../src/platform/errors.ts';
import { toDomainError } from '../../../src/platform/failures.ts';
import { prepareDatabase } from '../../../src/platform/prepare-database.ts';
import { sql } from '../../../src/platform/sql.ts';
import { asAdmin } from '../../support/databases.ts';
import { internalDetails, sendOverEveryTransport } from '../../support/every-transport.ts';
import { openEventStream } from '../../support/raw-event-stream.ts';
import { connectSocket, openSocket, request, start } from '../../support/raw-socket.ts';
import { startSecondServer } from '../../support/second-server.ts';
import { newWorkspace, useServer } from '../../support/server.ts';

const server = useServer();

const watch = { query: 'subscription { changes { __typename } }' };

describe('an operation is refused with a code, over every transport,', () => {
  const wrongType = 'query ($n: Int) { customers(first: $n) { totalCount } }';
  it.each<[string, string, Parameters<typeof sendOverEveryTransport>[2]]>([
    ['that cannot be parsed', 'GRAPHQL_PARSE_FAILED', { query: '{ workspace ' }],
    ['with an unknown field', 'GRAPHQL_VALIDATION_FAILED', { query: '{ workspac { id } }' }],
    ['with an unknown argument', 'GRAPHQL_VALIDATION_FAILED', { query: '{ node(ID: 1) { id } }' }],
    [
      'with an unknown field of an input',
      'GRAPHQL_VALIDATION_FAILED',
      { query: '{ customers(where: { x: 1 }) { totalCount } }' },
    ],
    [
      'with a value of a wrong type',
      'GRAPHQL_VALIDATION_FAILED',
      { query: '{ customers(first: "2") { totalCount } }' },
    ],
    [
      'that identifies a customer in two ways',
      'GRAPHQL_VALIDATION_FAILED',
      { query: '{ customer(by: { userId: "a", email: "b" }) { id } }' },
    ],
    [
      'with a variable of a wrong type',
      'INVALID_REQUEST',
      { query: wrongType, variables: { n: 'x' } },
    ],
    [
      'that lacks a variable',
      'INVALID_REQUEST',
      { query: 'query ($i: ID!) { node(id: $i) { id } }' },
    ],
    [
      'with a cursor that is not a string',
      'INVALID_REQUEST',
      {
        query: 'query ($c: Cursor) { changes(after: $c) { __typename } }',
        variables: { c: 7 },
      },
    ],
    [
      'whose name is not in the document',
      'OPERATION_RESOLUTION_FAILURE',
      { query: 'query A { workspace { id } }', operationName: 'B' },
    ],
    [
      'in a document with two and no name',
      'OPERATION_RESOLUTION_FAILURE',
      { query: 'query A { workspace { id } } query B { workspace { id } }' },
    ],
    [
      'with a cursor of another list',
      'INVALID_INPUT',
      { query: '{ customers(after: "x") { totalCount } }' },
    ],
    [
      'with an invalid cursor',
      'INVALID_INPUT',
      { query: '{ changes(after: "x") { __typename } }' },
    ],
    [
      'with an unknown stage',
      'INVALID_FILTER',
      { query: '{ customers(where: { stage: { in: ["NOPE"] } }) { totalCount } }' },
    ],
    [
      'that subscribes with an invalid cursor',
      'INVALID_INPUT',
      { query: 'subscription { changes(after: "x") { __typename } }' },
    ],
    [
      'that subscribes to an unknown stage',
      'INVALID_INPUT',
      { query: 'subscription { stageChanged(to: ["NOPE"]) { __typename } }' },
    ],
  ])('%s', async (_what, code, payload) => {
    const workspace = await newWorkspace(server);

    const answers = await sendOverEveryTransport(server.url, workspace, payload);

    const all = Object.values(answers);
    expect(all.map((answer) => answer.code)).toEqual([code, code, code, code]);
    expect([answers.POST.status, answers.GET.status]).toEqual([400, 400]);
    expect(all.map(({ text }) => text).join('\n')).not.toMatch(internalDetails);
  });
});

it.each([
  ['is not JSON', '{', 'BAD_REQUEST'],
  ['is empty', '', 'BAD_REQUEST'],
  ['is a list', '[]', 'BAD_REQUEST'],
  ['is null', 'null', 'BAD_REQUEST'],
  ['has no query', '{}', 'BAD_REQUEST'],
  ['has a query that is not a string', '{"query":1}', 'BAD_REQUEST'],
  [
    'has variables that are not an object',
    '{"query":"{__typename}","variables":[]}',
    'BAD_REQUEST',
  ],
  ['has an unknown property', '{"query":"{__typename}","more":1}', 'BAD_REQUEST'],
])('refuses a GraphQL request whose body %s', async (_what, body, code) => {
  const { post } = await newWorkspace(server);

  const answer = await post('/graphql', body, { accept: 'application/graphql-response+json' });

  expect([answer.status, answer.body.errors[0].extensions.code]).toEqual([400, code]);
  expect(JSON.stringify(answer.body)).not.toMatch(internalDetails);
});

it.each<[string, string, string | object, Record<string, string>, number, string]>([
  ['that is not JSON', '/v1/track', '{', {}, 400, 'INVALID_INPUT'],
  ['that is a list', '/v1/batch', '[]', {}, 400, 'INVALID_INPUT'],
  ['without calls', '/v1/batch', {}, {}, 400, 'INVALID_INPUT'],
  ['without an event', '/v1/track', { userId: 'u' }, {}, 400, 'INVALID_EVENT'],
  ['with a wrong type', '/v1/page', { userId: ['u'] }, {}, 400, 'INVALID_EVENT'],
  ['without a customer', '/v1/page', {}, {}, 400, 'INVALID_EVENT'],
  ['of an unknown kind', '/v1/forget', { userId: 'u' }, {}, 404, 'NOT_FOUND'],
  ['in an unknown encoding', '/v1/page', '{}', { 'content-encoding': 'zip' }, 400, 'INVALID_INPUT'],
  [
    'without its declared encoding',
    '/v1/page',
    '{}',
    { 'content-encoding': '__proto__' },
    400,
    'INVALID_INPUT',
  ],
  ['in a wrong encoding', '/v1/page', '{}', { 'content-encoding': 'gzip' }, 400, 'INVALID_INPUT'],
])('refuses a tracking call %s', async (_what, path, body, headers, status, code) => {
  const { post } = await newWorkspace(server);

  const answer = await post(path, body, headers);

  expect([answer.status, answer.body.code]).toEqual([status, code]);
  expect(answer.body).toMatchObject({ success: false, message: expect.stringMatching(/\w+ \w+/) });
  expect(JSON.stringify(answer.body)).not.toMatch(internalDetails);
});

it.each([
  ['malformed', 'not an id'],
  ['empty', ''],
  ['of an unknown type', Buffer.from('Spaceship:1').toString('base64url')],
  [
    'of a type named like a property of Object.prototype',
    Buffer.from('constructor:1').toString('base64url'),
  ],
  ['with a NUL', Buffer.from('ApiKey:\0').toString('base64url')],
  ['of no existing customer', Buffer.from(`Customer:${crypto.randomUUID()}`).toString('base64url')],
])('responds to an id %s like to any unknown id', async (_what, id) => {
  const { graphql } = await newWorkspace(server, { scopes: ['admin'] });

  const { status, body } = await graphql(
    `query ($id: ID!) { node(id: $id) { id } customer(by: { id: $id }) { id } transitions(customer: $id) { nodes { cursor } } }`,
    { id },
  );
  const { body: mutated } = await graphql(
    `mutation ($id: ID!) {
      undoMerge(merge: $id) { ... on Refusal { code message } }
      revokeApiKey(id: $id) { ... on Refusal { code message } }
    }`,
    { id },
  );

  expect([status, body.data]).toEqual([
    200,
    { node: null, customer: null, transitions: { nodes: [] } },
  ]);
  expect(mutated.data).toEqual({
    undoMerge: { code: 'NOT_FOUND', message: 'No merge with that id in this workspace.' },
    revokeApiKey: { code: 'NOT_FOUND', message: 'No key with that id in this workspace.' },
  });
});

it('responds to a cursor of an unknown log with a reset', async () => {
  const { query } = await newWorkspace(server);

  const { changes } = await query(
    '{ changes(after: "0123456789.7") { ... on StreamReset { reason } } }',
  );

  expect(changes).toEqual({ reason: 'UNKNOWN_LOG' });
});

it('logs a bug once and returns only its incident id', async () => {
  const second = await startSecondServer(server, {
    url: await prepareDatabase(server.databaseUrl),
  });
  const { id, key, graphql, post } = await newWorkspace(second);
  await asAdmin(server.databaseUrl, `delete from change_counter where workspace_id = '${id}'`);
  const socket = await connectSocket(second.url, key);

  const answers = [
    JSON.stringify(await graphql('{ workspace { cursor } }')),
    JSON.stringify(await post('/v1/page', { userId: 'u' })),
    JSON.stringify((await request(socket, { query: '{ workspace { cursor } }' })).answer),
    JSON.stringify((await request(socket, watch)).answer),
    await (await openEventStream(second.url, key, watch)).ended,
  ];

  const incidents = answers.map((text) => /"incident":"([^"]+)"/.exec(text)?.[1]);
  expect(answers.join('\n')).not.toMatch(internalDetails);
  expect(answers.map((text) => /"code":"(\w+)"/.exec(text)?.[1])).toEqual(
    answers.map(() => 'INTERNAL'),
  );
  expect(answers.slice(0, 2).map((text) => JSON.parse(text).status)).toEqual([500, 500]);
  expect(second.logged.map(({ incident }) => incident)).toEqual(incidents);
  expect(second.logged.every(({ err }) => (err as { stack?: string }).stack)).toBe(true);
  socket.close();
  await second.end();
});

describe('a WebSocket is closed', () => {
  const hello = (key: string) => ({ type: 'connection_init', payload: { key } });

  it.each<[string, number, (key: string) => unknown[]]>([
    ['4400 after invalid JSON', 4400, () => ['{']],
    ['4400 after a message of an unknown type', 4400, () => [{ type: 'hello' }]],
    [
      '4400 after a message that only servers send',
      4400,
      () => [{ type: 'next', id: '1', payload: { data: {} } }],
    ],
    [
      '4400 after a ping that is nested too deeply',
      4400,
      () => [`{"type":"ping","payload":{"a":${'['.repeat(30_000)}${']'.repeat(30_000)}}}`],
    ],
    [
      '4400 after connectionParams that are not an object',
      4400,
      () => [{ type: 'connection_init', payload: 1 }],
    ],
    [
      '4400 after an operation without an id',
      4400,
      (key) => [hello(key), { type: 'subscribe', payload: watch }],
    ],
    [
      '4401 after an operation before authentication',
      4401,
      () => [{ id: '1', type: 'subscribe', payload: watch }],
    ],
    ['4403 after an unknown key', 4403, () => [hello('stl_live_x')]],
    ['4403 without a key', 4403, () => [{ type: 'connection_init' }]],
    ['4429 after a second connection_init', 4429, (key) => [hello(key), hello(key)]],
    ['4408 without a connection_init', 4408, () => []],
  ])('with %s', async (_what, code, messages) => {
    const { key } = await newWorkspace(server);
    const socket = await openSocket(server.url);

    for (const message of messages(key)) socket.send(message);

    expect(await socket.closed).toMatchObject({ code });
    expect((await socket.closed).reason).not.toMatch(internalDetails);
  });

  it('with 4409 after an operation whose id is in use', async () => {
    const { key } = await newWorkspace(server);
    const socket = await connectSocket(server.url, key);
    const id = start(socket, watch);

    socket.send({ id, type: 'subscribe', payload: watch });

    expect(await socket.closed).toMatchObject({ code: 4409 });
  });

  it('with 1013 (try again later) while the database is unavailable to verify the key', async () => {
    const second = await startSecondServer(server, {
      url: await prepareDatabase(server.databaseUrl),
      wrapDatabase: (database): Database => ({
        ...database,
        withoutWorkspace: () => Promise.reject(new StorageUnavailable()),
      }),
    });
    const { key } = await newWorkspace(server);
    const socket = await openSocket(second.url);

    socket.send(hello(key));

    expect(await socket.closed).toMatchObject({ code: 1013 });
    await second.end();
  });
});

const slow = sql`select set_config('statement_timeout', '20', true)`;

it('distinguishes a slow query from an unavailable database', async () => {
  const { id } = await newWorkspace(server);

  const failing = [
    server.database.inWorkspace(id, async (db) => {
      await db.query(slow);
      await db.query(sql`select pg_sleep(5)`);
    }),
    server.database.readWorkspace(id, async (tx) => {
      await tx.$queryRaw(slow);
      await tx.$queryRawUnsafe('select 1 from pg_sleep(5)');
    }),
  ];

  for (const { reason } of (await Promise.allSettled(failing)) as PromiseRejectedResult[]) {
    expect(toDomainError(reason)).toMatchObject({
      code: 'QUERY_TOO_SLOW',
      status: 422,
    });
  }
});
