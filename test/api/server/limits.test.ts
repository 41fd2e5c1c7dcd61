import { describe, expect, it } from 'vitest';
import { internalDetails, sendOverEveryTransport } from '../../support/every-transport.ts';
import { connectSocket, request } from '../../support/raw-socket.ts';
import { newWorkspace, type TestWorkspace, useServer } from '../../support/server.ts';

const server = useServer();

type Body = { errors?: Array<{ extensions: { code: string } }> };
const codeOf = ({ errors }: Body) => errors?.[0]?.extensions.code;

/** The code of the refusal of each operation; undefined if it was executed. */
async function codesOf({ graphql }: TestWorkspace, operations: string[]) {
  const codes = [];
  for (const operation of operations) codes.push(codeOf((await graphql(operation)).body));
  return codes;
}

const times = (count: number, text: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => text(index)).join(' ');

describe('limits of operations, over every transport:', () => {
  const deep = (fields: number) =>
    `{ customers { nodes { ${'mergedInto { '.repeat(fields - 3)} id ${'} '.repeat(fields - 3)} } } }`;
  const broad = (fields: number) => `{ workspace { ${times(fields - 1, (i) => `a${i}: id`)} } }`;
  const costly = `{ customers(first: 100) { nodes { timeline(first: 100) { nodes { ... on Event {
    customer { events(first: 100) { nodes { id } } } } } } } } }`;
  const long = `{ ${times(3_000, () => 'id')} }`;

  it.each([
    ['the maximum depth', 'QUERY_TOO_COMPLEX', deep(11)],
    ['the maximum breadth', 'QUERY_TOO_COMPLEX', broad(401)],
    ['the maximum cost', 'QUERY_TOO_COMPLEX', costly],
    ['the maximum length', 'GRAPHQL_PARSE_FAILED', long],
  ])('refuses operations beyond %s', async (_what, code, query) => {
    const workspace = await newWorkspace(server);

    const answers = await sendOverEveryTransport(server.url, workspace, { query });

    const all = Object.values(answers);
    expect(all.map((answer) => answer.code)).toEqual([code, code, code, code]);
    expect([answers.POST.status, answers.GET.status]).toEqual([400, 400]);
    expect(all.map(({ text }) => text).join('\n')).not.toMatch(internalDetails);
  });

  it.each([
    ['the maximum depth', `customer { ${'mergedInto { '.repeat(10)} id ${'} '.repeat(10)} }`],
    ['the maximum breadth', times(401, (i) => `a${i}: at`)],
    [
      'the maximum cost',
      'customer { timeline(first: 100) { nodes { ... on Event { customer { events(first: 100) { nodes { customer { events(first: 100) { nodes { id } } } } } } } } } }',
    ],
  ])('a subscription that exceeds %s is refused at its start', async (_what, fields) => {
    const workspace = await newWorkspace(server);
    const query = `subscription { changes { ... on Change { ${fields} } } }`;

    const answers = await sendOverEveryTransport(server.url, workspace, { query });

    expect(Object.values(answers).map(({ code }) => code)).toEqual(
      Array.from({ length: 4 }, () => 'QUERY_TOO_COMPLEX'),
    );
  });

  it('an operation at the limits is executed', async () => {
    const workspace = await newWorkspace(server);
    const page =
      '{ customers(first: 100) { nodes { id stages { stage { key } } events(first: 5) { nodes { id } } } } }';
    const inReach = `{ stage: { in: [${times(90, () => '"REACH"')}] } }`;
    const verbose = `{ customers(where: { any: [${times(19, () => inReach)}] }) { totalCount } }`;

    const codes = await codesOf(workspace, [deep(10), broad(400), page, verbose]);

    expect(codes).toEqual([undefined, undefined, undefined, undefined]);
  });

  it('a refusal states the measured value and the maximum', async () => {
    const { graphql } = await newWorkspace(server);

    const { body } = await graphql(deep(11));

    expect(body.errors[0].extensions).toMatchObject({ found: { depth: 11 }, limit: { depth: 10 } });
  });

  it('an excess hidden in fragments is detected', async () => {
    const workspace = await newWorkspace(server);
    const nested = times(9, (i) => `fragment F${i} on Customer { mergedInto { ...F${i + 1} } }`);

    const codes = await codesOf(workspace, [
      `{ customers { nodes { ...F0 } } } ${nested} fragment F9 on Customer { id }`,
    ]);

    expect(codes).toEqual(['QUERY_TOO_COMPLEX']);
  });
});

it.each<[string, (size: number) => string, number]>([
  ['a page of customers', (n) => `{ customers(first: ${n}) { totalCount } }`, 100],
  ['a last page of customers', (n) => `{ customers(last: ${n}) { totalCount } }`, 100],
  ['a page of transitions', (n) => `{ transitions(first: ${n}) { nodes { at } } }`, 100],
  ['a page of the log', (n) => `{ changes(first: ${n}) { __typename } }`, 1_000],
])('returns %s with up to its maximum of nodes', async (_what, query, most) => {
  const workspace = await newWorkspace(server);

  const codes = await codesOf(workspace, [-1, 0, 1, most, most + 1].map(query));

  expect(codes).toEqual(['INVALID_INPUT', 'INVALID_INPUT', undefined, undefined, 'INVALID_INPUT']);
});

it('returns at most 100 nodes by id', async () => {
  const workspace = await newWorkspace(server);
  const nodes = (count: number) => `{ nodes(ids: [${times(count, () => '"x"')}]) { id } }`;

  expect(await codesOf(workspace, [nodes(100), nodes(101)])).toEqual([undefined, 'INVALID_INPUT']);
});

it('accepts at most 250 events in one mutation, and refuses a larger list as a whole', async () => {
  const { graphql, query } = await newWorkspace(server);
  const track = 'mutation ($events: [EventInput!]!) { track(events: $events) { accepted } }';
  const events = (count: number) =>
    Array.from({ length: count }, () => ({ type: 'PAGE', userId: 'u' }));

  const over = await graphql(track, { events: events(251) });
  const before = await query('{ workspace { totals { events } } }');
  const exact = await graphql(track, { events: events(250) });

  expect([over.status, codeOf(over.body)]).toEqual([400, 'INVALID_INPUT']);
  expect(before).toEqual({ workspace: { totals: { events: 0 } } });
  expect(exact.body.data).toEqual({ track: { accepted: 250 } });
});

it('accepts names of keys up to 100 characters', async () => {
  const { query } = await newWorkspace(server, { scopes: ['admin'] });
  const create = `mutation ($name: String!) {
    createApiKey(name: $name, scopes: [READ]) { __typename ... on Refusal { code } }
  }`;

  const answers = [];
  for (const name of ['', '  ', 'x'.repeat(101), 'x'.repeat(100)]) {
    answers.push(await query(create, { name }));
  }

  const refused = { createApiKey: { __typename: 'InvalidInput', code: 'INVALID_INPUT' } };
  const made = { createApiKey: { __typename: 'CreateApiKeyPayload' } };
  expect(answers).toEqual([refused, refused, refused, made]);
});

describe('the maximum size of a request', () => {
  const operation = '{"query":"{ workspace { name } }","variables":{"pad":"';
  const padded = (bytes: number, end = '"}}') =>
    `${operation}${'x'.repeat(bytes - operation.length - end.length)}${end}`;

  it('is 256 KiB for GraphQL over HTTP', async () => {
    const { post } = await newWorkspace(server);

    const exact = await post('/graphql', padded(256 * 1024));
    const over = await post('/graphql', padded(256 * 1024 + 1));

    expect([exact.status, codeOf(exact.body)]).toEqual([200, undefined]);
    expect([over.status, codeOf(over.body)]).toEqual([413, 'REQUEST_ENTITY_TOO_LARGE']);
  });

  it('applies to requests without a Content-Length too', async () => {
    const { key } = await newWorkspace(server);
    const body = new Blob([padded(256 * 1024 + 1)]).stream();
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };

    const answer = await fetch(`${server.url}/graphql`, {
      method: 'POST',
      headers,
      body,
      duplex: 'half',
    } as RequestInit);

    expect(answer.status).toBe(413);
  });

  it('is 64 KiB for a message over WebSocket', async () => {
    const { key } = await newWorkspace(server);
    const socket = await connectSocket(server.url, key);
    const message = { id: 'last', type: 'subscribe', payload: { query: '{ workspace { name } }' } };
    const start = JSON.stringify({ ...message, pad: '' });
    const sized = (bytes: number) =>
      JSON.stringify({ ...message, pad: 'x'.repeat(bytes - start.length) });
    const before = await request(socket, { query: '{ workspace { name } }' });

    socket.send(sized(64 * 1024));
    const exact = await socket.waitFor(({ id, type }) => id === 'last' && type === 'next');
    socket.send(sized(64 * 1024 + 1));

    expect(exact['payload']).toEqual((before.answer as { payload: object }).payload);
    expect(await socket.closed).toMatchObject({ code: 1009 });
  });
});
