import { beforeAll, describe, expect, it } from 'vitest';
import { prepareDatabase } from '../../../src/platform/prepare-database.ts';
import { type SecondServer, startSecondServer } from '../../support/second-server.ts';
import { newWorkspace, type TestWorkspace, useServer } from '../../support/server.ts';

const server = useServer();
const accept = 'application/graphql-response+json';
let workspace: TestWorkspace;

beforeAll(async () => {
  workspace = await newWorkspace(server);
  await workspace.send([{ type: 'page', userId: 'u1' }]);
});

const post = (body: unknown, headers: Record<string, string> = {}) =>
  workspace.post('/graphql', body, { accept, ...headers });

const get = async (search: string) => {
  const response = await fetch(`${server.url}/graphql?${search}`, {
    headers: { authorization: `Bearer ${workspace.key}`, accept },
  });
  return { status: response.status, body: await response.json() };
};

describe('a response with errors', () => {
  it.each([accept, 'application/json'])('and data is 200 as %s', async (type) => {
    const { status, body } = await post(
      {
        query:
          '{ workspace { name } customer(by: { userId: "u1" }) { stage(lifecycle: "NOPE") { since } } }',
      },
      { accept: type },
    );

    expect(status).toBe(200);
    expect(body.data).toMatchObject({
      workspace: { name: workspace.name },
      customer: { stage: null },
    });
    expect(body.errors.map(({ extensions }: { extensions: object }) => extensions)).toEqual([
      { code: 'INVALID_INPUT' },
    ]);
  });

  it('and no data has the status of its error', async () => {
    const { status, body } = await post({ query: '{ customers(first: 1000) { totalCount } }' });

    expect([status, body.data]).toEqual([400, null]);
  });
});

/** The field that fails makes the result null while the others are still being read. */
it.each([
  '{ timeInStage(lifecycle: "nope") { stageKey } lifecycles { build { version } } }',
  '{ customer(by: { userId: "u1" }) { id } bad: customers(first: 1000) { totalCount } }',
  '{ bad: customers(first: 1000) { totalCount } customers { nodes { timeline(first: 5) { nodes { __typename } } } } }',
  '{ bad: tasks(first: 0) { nodes { id } } a: segments { nodes { members { nodes { customer { name } } } } } }',
])('reports only the error while other fields are still running: %s', async (query) => {
  const second: SecondServer = await startSecondServer(server, {
    url: await prepareDatabase(server.databaseUrl),
  });

  for (let time = 0; time < 5; time += 1) {
    const response = await fetch(`${second.url}/graphql`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${workspace.key}`,
        accept,
        'content-type': 'application/json',
      },
      body: JSON.stringify({ query }),
    });
    const body = await response.json();
    expect([response.status, body.data]).toEqual([400, null]);
    expect(body.errors).toMatchObject([{ extensions: { code: 'INVALID_INPUT' } }]);
  }
  expect(second.logged).toEqual([]);
  await second.end();
});

describe('a request with a persisted query', () => {
  const extensions = { persistedQuery: { version: 1, sha256Hash: 'ab' } };
  const refusal = {
    message: 'PersistedQueryNotSupported',
    extensions: { code: 'PERSISTED_QUERY_NOT_SUPPORTED' },
  };

  it('is refused by POST and GET with the message that clients recognise', async () => {
    const search = new URLSearchParams({ extensions: JSON.stringify(extensions), variables: '{}' });
    for (const { status, body } of [
      await post({ operationName: 'A', variables: {}, extensions }),
      await get(search.toString()),
    ]) {
      expect([status, body.errors]).toEqual([400, [refusal]]);
    }
  });

  it('is executed when it includes the query', async () => {
    const { status, body } = await post({ query: '{ workspace { name } }', extensions });

    expect([status, body.data]).toEqual([200, { workspace: { name: workspace.name } }]);
  });
});

it.each<[string, number, string, unknown, Record<string, string>]>([
  ['a batch', 400, 'BAD_REQUEST', [{ query: '{ __typename }' }, { query: '{ __typename }' }], {}],
  ['an empty batch', 400, 'BAD_REQUEST', '[]', {}],
  [
    'variables that are a string',
    400,
    'BAD_REQUEST',
    { query: '{ __typename }', variables: 'x' },
    {},
  ],
  [
    'an unknown content type',
    415,
    'UNSUPPORTED_MEDIA_TYPE',
    '{}',
    { 'content-type': 'text/plain' },
  ],
  [
    'files',
    415,
    'UNSUPPORTED_MEDIA_TYPE',
    '{}',
    { 'content-type': 'multipart/form-data; boundary=x' },
  ],
  [
    'form variables that are not JSON',
    400,
    'BAD_REQUEST',
    'query={__typename}&variables={',
    { 'content-type': 'application/x-www-form-urlencoded' },
  ],
  [
    'an Accept header without a supported type',
    406,
    'NOT_ACCEPTABLE',
    { query: '{ __typename }' },
    { accept: 'image/png' },
  ],
])('refuses %s', async (_what, status, code, body, headers) => {
  const answer = await post(body, headers);

  expect(answer).toMatchObject({ status, body: { errors: [{ extensions: { code } }] } });
});

it.each(['variables={', 'extensions={', 'variables=[]', 'extensions=1', 'variables="x"'])(
  'refuses %s in a URL',
  async (part) => {
    const { status, body } = await get(`query={workspace{name}}&${part}`);

    expect([status, body.errors[0].extensions.code]).toEqual([400, 'BAD_REQUEST']);
  },
);

it('refuses a body that is not UTF-8', async () => {
  const response = await fetch(`${server.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept },
    body: Buffer.from('{"query":"{ __typename } #\xff"}', 'latin1'),
  });

  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({
    errors: [{ extensions: { code: 'BAD_REQUEST' } }],
  });
});

describe('an instant that does not exist is refused', () => {
  const instants = [
    '2026-02-30T00:00:00Z',
    '2025-02-29T00:00:00Z',
    '0000-01-01T00:00:00Z',
    '2016-12-30T23:59:60Z',
    '0001-01-01T00:00:00+01:00',
    '9999-12-31T23:59:59-14:00',
  ];

  it.each(instants)('as an argument, a variable, in filters and in events: %s', async (at) => {
    const texts = [
      `{ stageCounts(at: "${at}") { at } }`,
      `{ customers(where: { fact: { firstSeenAt: { before: "${at}" } } }) { totalCount } }`,
      `{ customers(where: { fact: { firstSeenAt: { between: { from: "2026-01-01T00:00:00Z", to: "${at}" } } } }) { totalCount } }`,
      `{ customers(where: { trait: { name: "t", is: { date: { after: "${at}" } } } }) { totalCount } }`,
    ];
    const variable = 'query ($at: DateTime) { stageCounts(at: $at) { at } }';
    const answers = [
      ...(await Promise.all(texts.map((query) => post({ query })))),
      await post({ query: variable, variables: { at } }),
    ];

    for (const { status, body } of answers) {
      expect([status, body.errors.length]).toEqual([400, 1]);
      expect(body.errors[0].message).toContain('A DateTime must be a string such as');
    }
    const event = await workspace.post('/v1/track', { event: 'x', userId: 'u', timestamp: at });
    expect(event).toMatchObject({ status: 400, body: { code: 'INVALID_EVENT' } });
  });

  it('but a leap day is accepted', async () => {
    const at = '2024-02-29T23:59:59.5+14:00';
    const { status, body } = await post({
      query: `{ stageCounts(at: "${at}") { at }
        customers(where: { fact: { firstSeenAt: { after: "${at}" } } }) { totalCount } }`,
    });

    expect([status, body.data.customers.totalCount]).toEqual([200, expect.any(Number)]);
  });
});
