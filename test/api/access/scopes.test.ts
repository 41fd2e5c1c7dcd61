import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { getIntrospectionQuery } from 'graphql';
import { describe, expect, it } from 'vitest';
import { refuse } from '../../../schema/kernel/not-allowed.ts';
import { needsOf } from '../../../schema/kernel/scopes.ts';
import { createKey } from '../../../src/access/keys.ts';
import { type Scope, scopeDescriptions, scopes } from '../../../src/access/principal.ts';
import { mutationCases } from '../../support/mutation-cases.ts';
import { connectSocket, request } from '../../support/raw-socket.ts';
import { schema } from '../../support/schema.ts';
import { seedWorkspace } from '../../support/seed-workspace.ts';
import { createTestSegment } from '../../support/segments.ts';
import { selectAll } from '../../support/select-all-fields.ts';
import type { PathStep } from '../../support/selection-paths.ts';
import { newWorkspace, type TestWorkspace, useServer } from '../../support/server.ts';

const server = useServer();

const keyWith = async ({ id }: Pick<TestWorkspace, 'id'>, scopes: Scope[]) =>
  (await createKey(server.database, id, { name: scopes.join(), scopes })).key;

interface Payload {
  query: string;
  variables?: object;
  operationName?: string;
}

const post = async (key: string, payload: Payload, accept: string) => {
  const response = await fetch(`${server.url}/graphql`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, accept, 'content-type': 'application/json' },
    body: JSON.stringify(payload),
  });
  return { status: response.status, text: await response.text() };
};

async function overWebSocket(key: string, payload: Payload) {
  const socket = await connectSocket(server.url, key);
  const { answer } = await request(socket, payload);
  socket.close();
  // In graphql-transport-ws, `error` means that the operation did not start, like the status over HTTP.
  return { status: answer['type'] === 'error' ? 403 : 200, text: JSON.stringify(answer) };
}

const transports: Array<[string, typeof overWebSocket]> = [
  ['application/json', (key, payload) => post(key, payload, 'application/json')],
  [
    'application/graphql-response+json',
    (key, payload) => post(key, payload, 'application/graphql-response+json'),
  ],
  ['text/event-stream', (key, payload) => post(key, payload, 'text/event-stream')],
  ['WebSocket', overWebSocket],
];

const rename = (selection: string, more = '') =>
  `mutation M${selection.includes('$no') ? '($no: Boolean = false)' : ''} { updateSegment(segment: "EVERY", name: "changed") {
    __typename ... on SegmentPayload { segment { id ${selection} } } } ${more} }`;

/** Selections through which a mutation reaches fields that require `read`, and the first refused field. */
const leaks: Array<[string, string, string]> = [
  ['a field', rename('name'), 'Segment.name'],
  [
    'a list',
    rename('members(first: 50) { nodes { customer { name email traits identities { value } } } }'),
    'Segment.members',
  ],
  ['a count', rename('count'), 'Segment.count'],
  ['an alias', rename('id2: name'), 'Segment.name'],
  ['an inline fragment', rename('... { ... on Node { ... on Segment { name } } }'), 'Segment.name'],
  [
    'a fragment',
    `${rename('...F')} fragment F on Segment { ...G } fragment G on Segment { name }`,
    'Segment.name',
  ],
  ['@include of a variable', rename('name @include(if: $no)'), 'Segment.name'],
  ['@skip', rename('name @skip(if: true)'), 'Segment.name'],
  ['a directive on a fragment', rename('... @include(if: $no) { name }'), 'Segment.name'],
  ['another mutation', rename('', 'track(events: []) { accepted }'), 'Mutation.track'],
];

describe.each(transports)('over %s', (_name, send) => {
  it.each(leaks)(
    'a key with only write is refused %s before the mutation has an effect',
    async (_way, query, field) => {
      const workspace = await newWorkspace(server, { scopes: ['read', 'write'] });
      await createTestSegment(workspace, { name: 'Every', key: 'EVERY' });
      const writer = await keyWith(workspace, ['write']);

      const answer = await send(writer, { query });

      const { segment } = await workspace.query<{ segment: object }>(
        '{ segment(key: "EVERY") { name } }',
      );
      expect(answer.status).toBe(403);
      expect(answer.text).toContain('"code":"FORBIDDEN"');
      expect(answer.text).toContain(`"field":"${field}"`);
      expect(answer.text).toMatch(/needs a key with the scope .+(read|ingest)/);
      expect(answer.text).not.toContain('"data"');
      expect(segment).toEqual({ name: 'Every' });
    },
  );

  it('a document that one key may execute is refused to the next key without its scopes', async () => {
    const workspace = await newWorkspace(server, { scopes: ['read', 'write'] });
    await createTestSegment(workspace, { name: 'Every', key: 'EVERY' });
    const writer = await keyWith(workspace, ['write']);
    const query = rename(`description # ${workspace.id}\n`);

    const before = await send(writer, { query });
    const allowed = await send(workspace.key, { query });
    const after = await send(writer, { query });

    expect([before.status, allowed.status, after.status]).toEqual([403, 200, 403]);
  });

  it('a key with only write receives ids, counts and refusals, whatever else the document contains', async () => {
    const workspace = await newWorkspace(server, { scopes: ['read', 'write'] });
    await createTestSegment(workspace, { name: 'Every', key: 'EVERY' });
    const writer = await keyWith(workspace, ['write']);
    const query = `query Q { customers { nodes { name } } } mutation M {
      a: updateSegment(segment: "EVERY", name: "changed") { __typename ...F }
      b: addSegmentMembers(segment: "EVERY", customers: [{ userId: "unknown" }]) {
        ... on SegmentMembersPayload { changed items { outcome customer { id } } segment { id } } }
      c: updateSegment(segment: "NONE") { ... on Refusal { code message } } }
      fragment F on SegmentPayload { segment { __typename id } }`;

    const { status, text } = await send(writer, { query, operationName: 'M' });

    expect(status).toBe(200);
    expect(text).toMatch(
      /"a":\{"__typename":"SegmentPayload","segment":\{"__typename":"Segment","id":"\w+"\}\}/,
    );
    expect(text).toContain('"b":{"changed":0,"items":[{"outcome":"NOT_FOUND","customer":null}]');
    expect(text).toContain('"c":{"code":"INVALID_INPUT","message":"No segment has the key');
  });

  it.each<[string, string]>([
    ['{ customers { nodes { id } } }', 'Query.customers'],
    ['{ node(id: "x") { id } }', 'Query.node'],
    ['subscription { stageChanged { __typename } }', 'Subscription.stageChanged'],
    ['subscription { changes { ... on Change { customer { name } } } }', 'Subscription.changes'],
    ['subscription { stageCountsChanged { __typename } }', 'Subscription.stageCountsChanged'],
    ['subscription { segmentChanged(segment: "a") { __typename } }', 'Subscription.segmentChanged'],
    ['subscription { churnRiskFlagged { __typename } }', 'Subscription.churnRiskFlagged'],
  ])('a key without read is refused %s', async (query, field) => {
    const workspace = await newWorkspace(server, { scopes: ['ingest', 'write'] });

    const answer = await send(workspace.key, { query });

    expect(answer.status).toBe(403);
    expect(answer.text).toContain(`"field":"${field}"`);
  });
});

it('allows introspection and type names with any scopes', async () => {
  const { graphql } = await newWorkspace(server, { scopes: ['ingest'] });

  const names = await graphql(
    '{ __typename __type(name: "Customer") { ...F } } fragment F on __Type { name }',
  );
  const whole = await graphql(getIntrospectionQuery());

  expect(names.body.data).toEqual({ __typename: 'Query', __type: { name: 'Customer' } });
  expect(whole.body.data.__schema.types.length).toBeGreaterThan(100);
});

describe('after a mutation, with every selection that the server allows,', () => {
  const canary = 'canary';
  let runs = 0;
  const principal = (scopes: Scope[]) => ({ workspaceId: '', keyId: '', scopes });
  const isAllowed =
    (scopes: Scope[]) =>
    ({ on, field }: PathStep) =>
      refuse(principal(scopes), needsOf(on, field.name)) === undefined;

  /** Runs all cases one after another and returns the responses. */
  async function runCases(scopes: Scope[]) {
    const seeded = await seedWorkspace(server, `${canary}${++runs}`);
    const key = await keyWith(seeded.workspace, scopes);
    const fields = schema.getMutationType()?.getFields() ?? {};
    const answers = [];
    for (const [name, args] of mutationCases) {
      const field = fields[name];
      if (!field) throw new Error(`There is no mutation ${name}`);
      const selection = selectAll(schema, field, { depth: 3, isWanted: isAllowed(scopes) });
      const query = `mutation { ${name}(${args(seeded)}) ${selection} }`;
      const { status, body } = await seeded.workspace.graphql(query, {}, key);
      answers.push({ name, status, text: JSON.stringify(body) });
    }
    return answers;
  }

  it.each<[Scope[]]>([[[]], [['collect']], [['ingest']], [['write']], [['ingest', 'write']]])(
    'a key with %j sees no fields of objects',
    async (scopes) => {
      const answers = await runCases(scopes);

      expect(answers.filter(({ text }) => /canary/i.test(text))).toEqual([]);
      expect(answers.filter(({ status }) => status !== 200 && status !== 403)).toEqual([]);
      const done = answers.filter(({ text }) => /Payload"/.test(text));
      expect(done.length > 15).toBe(scopes.includes('write'));
    },
  );

  it('a key with read sees what it changed', async () => {
    const answers = await runCases(['write', 'read']);

    const seen = answers.filter(({ text }) => /canary/i.test(text)).map(({ name }) => name);
    expect(seen).toEqual(expect.arrayContaining(['updateMember', 'updateSegment', 'tagCustomers']));
  });

  it('every mutation has a test case', () => {
    const known = Object.keys(schema.getMutationType()?.getFields() ?? {});

    expect(known.filter((name) => !mutationCases.some(([one]) => one === name))).toEqual([]);
  });
});

it.each<[string, string]>([
  ['moveCustomer(customer: $customer, to: "NONE", reason: "r")', 'There are: REACH'],
  ['updateLifecycle(lifecycle: "NONE")', 'There are: REACH_TO_LOYALTY'],
  ['createSegment(name: "a", filter: { segment: { in: ["none"] } })', 'There are: EVERY'],
  ['createSegment(name: "a", filter: { stage: { in: ["none"] } })', 'There are: REACH'],
])(
  'names in the refusal of %s the existing values only for a key with read',
  async (call, names) => {
    const workspace = await newWorkspace(server, { scopes: ['ingest', 'read', 'write'] });
    await createTestSegment(workspace, { name: 'Every', key: 'EVERY' });
    await workspace.send([{ type: 'page', userId: 'u' }]);
    const { customer } = await workspace.query<{ customer: { id: string } }>(
      '{ customer(by: { userId: "u" }) { id } }',
    );
    const writer = await keyWith(workspace, ['write']);
    const query = `mutation ($customer: ID = "") { a: ${call} { ... on Refusal { code message } }
    b: unpinCustomer(customer: $customer) { __typename } }`;

    const read = await workspace.graphql(query, { customer: customer.id });
    const unread = await workspace.graphql(query, { customer: customer.id }, writer);

    expect(read.body.data.a.message).toContain(names);
    expect(unread.body.data.a.code).toBe(read.body.data.a.code);
    expect(unread.body.data.a.message).not.toContain('There are');
  },
);

describe('what each scope allows', () => {
  const root = join(import.meta.dirname, '../../..');
  const { read, write, ingest, admin } = scopeDescriptions;

  it('is stated when a key is created over GraphQL', async () => {
    const workspace = await newWorkspace(server, { scopes: ['admin'] });

    const { createApiKey } = await workspace.query<{ createApiKey: object }>(
      'mutation { createApiKey(name: "k", scopes: [READ, WRITE]) { ... on CreateApiKeyPayload { allows } } }',
    );

    expect(createApiKey).toEqual({ allows: [read, write] });
  });

  it('is stated when a key is created on the command line', async () => {
    const { id } = await newWorkspace(server);
    const options = ['key', 'create', '--scopes', 'ingest,admin', '--workspace', id];

    const { stdout, stderr } = await promisify(execFile)(
      process.execPath,
      [join(root, 'src/entrypoints/command-line/main.ts'), ...options],
      { env: { PATH: process.env['PATH'], DATABASE_URL: server.databaseUrl } },
    );

    expect(stdout).toMatch(/^stl_live_\w+\n$/);
    expect(stderr).toMatch(new RegExp(`ingest {3}${ingest}\n {2}admin {4}${admin}\n$`));
  });

  it('is stated in the guide', async () => {
    const guide = await readFile(join(root, 'docs/operations.md'), 'utf8');

    for (const scope of scopes)
      expect(guide).toContain(`| \`${scope}\` | ${scopeDescriptions[scope]} |`);
  });
});
