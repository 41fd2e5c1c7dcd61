import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { newApiKey } from '../../../src/access/api-key.ts';
import { createKey, revokeKey } from '../../../src/access/keys.ts';
import type { Scope } from '../../../src/access/principal.ts';
import type { Database } from '../../../src/platform/database.ts';
import { prepareDatabase } from '../../../src/platform/prepare-database.ts';
import { sql } from '../../../src/platform/sql.ts';
import { asAdmin } from '../../support/databases.ts';
import { openEventStream } from '../../support/raw-event-stream.ts';
import { connectSocket, openSocket, start } from '../../support/raw-socket.ts';
import { startSecondServer } from '../../support/second-server.ts';
import { adminKey, newWorkspace, type TestWorkspace, useServer } from '../../support/server.ts';

const server = useServer();

const page = { type: 'page', userId: 'u1', name: 'Home' };
const watch = { query: 'subscription { changes { ... on Change { cursor } } }' };
const basic = (key: string) => ({ authorization: `Basic ${btoa(`${key}:`)}` });

const keyIdOf = (key: string) => key.split('_')[2] ?? '';
const codeOf = (body: { code?: string; errors?: Array<{ extensions: { code: string } }> }) =>
  body.code ?? body.errors?.[0]?.extensions.code;

/** Requests by route, with the required scope. `call` returns the code of a refusal. */
const routes: Record<string, { scope: Scope; call: (target: TestWorkspace) => Promise<unknown> }> =
  {
    'POST /v1/page': { scope: 'collect', call: (target) => code(target.post('/v1/page', page)) },
    'POST /v1/p': { scope: 'collect', call: (target) => code(target.post('/v1/p', page)) },
    'POST /v1/batch': { scope: 'collect', call: (target) => code(target.send([page])) },
    'mutation track': {
      scope: 'ingest',
      call: (target) => code(target.graphql('mutation { track(events: []) { accepted } }')),
    },
    query: { scope: 'read', call: (target) => code(target.graphql('{ workspace { name } }')) },
    subscription: { scope: 'read', call: openStream },
    'mutation undoMerge': {
      scope: 'write',
      call: (target) => code(target.graphql('mutation { undoMerge(merge: "m") { __typename } }')),
    },
    'mutation createApiKey': {
      scope: 'admin',
      call: (target) =>
        code(target.graphql('mutation { createApiKey(name: "k", scopes: [READ]) { __typename } }')),
    },
    'mutation revokeApiKey': {
      scope: 'admin',
      call: (target) => code(target.graphql('mutation { revokeApiKey(id: "k") { __typename } }')),
    },
  };

/** The arguments of all mutations that require the scope write, by name. */
const written: Record<string, string> = {
  createMember: 'name: "", email: ""',
  updateMember: 'member: "m"',
  deleteMember: 'member: "m"',
  createTeam: 'name: "", kind: SALES',
  updateTeam: 'team: "t"',
  deleteTeam: 'team: "t"',
  acceptTask: 'task: "t", member: "m"',
  completeTask: 'task: "t"',
  cancelTask: 'task: "t"',
  assignTask: 'task: "t", to: { team: "t" }',
  createLifecycle: 'template: "none"',
  updateLifecycle: 'lifecycle: "none", name: "n"',
  deleteLifecycle: 'lifecycle: "none"',
  makeDefaultLifecycle: 'lifecycle: "none"',
  moveCustomer: 'customer: "c", to: "REACH", reason: "r"',
  unpinCustomer: 'customer: "c"',
  createSegment: 'name: ""',
  updateSegment: 'segment: "none", name: "n"',
  deleteSegment: 'segment: "none"',
  addSegmentMembers: 'segment: "none", customers: []',
  removeSegmentMembers: 'segment: "none", customers: []',
  fitChurnModel: 'activation: NEVER',
  activateChurnModel: 'version: 1',
  updateChurnSettings: 'horizonDays: 0',
  tagCustomers: 'customers: ["c"], add: ["t"]',
  updateCustomer: 'customer: "c", name: "n"',
  mergeCustomers: 'from: "c", into: "d"',
  setConsent: 'customer: "c", purpose: "p", granted: true',
  setExchangeRates: 'rates: []',
};
for (const [name, args] of Object.entries(written)) {
  routes[`mutation ${name}`] = {
    scope: 'write',
    call: (target) => code(target.graphql(`mutation { ${name}(${args}) { __typename } }`)),
  };
}

const code = async (answer: ReturnType<TestWorkspace['post']>) => codeOf((await answer).body);

async function openStream({ key }: TestWorkspace) {
  const stream = await openEventStream(server.url, key, watch);
  if (stream.status !== 200) return /"code":"(\w+)"/.exec(await stream.ended)?.[1];
  stream.cancel();
  return undefined;
}

it.each<[Scope, Scope[]]>([
  ['collect', ['collect']],
  ['ingest', ['collect', 'ingest']],
  ['read', ['read']],
  ['write', ['write']],
  ['admin', ['collect', 'ingest', 'read', 'write', 'admin']],
])(
  'allows a key with the scope %s exactly what the scope allows, and refuses the rest with FORBIDDEN',
  async (scope, may) => {
    const workspace = await newWorkspace(server, { scopes: [scope] });
    const expected = Object.entries(routes).map(([route, { scope: needed }]) => [
      route,
      may.includes(needed) ? undefined : 'FORBIDDEN',
    ]);

    const answers = [];
    for (const [route, { call }] of Object.entries(routes))
      answers.push([route, await call(workspace)]);

    expect(answers).toEqual(expected);
  },
);

it('has a required scope for every mutation', async () => {
  const workspace = await newWorkspace(server);

  const { __schema } = await workspace.query<{
    __schema: { mutationType: { fields: Array<{ name: string }> } };
  }>('{ __schema { mutationType { fields { name } } } }');

  expect(__schema.mutationType.fields.map(({ name }) => `mutation ${name}`).sort()).toEqual(
    Object.keys(routes)
      .filter((route) => route.startsWith('mutation'))
      .sort(),
  );
});

it('hides API keys from read-only keys, even by id', async () => {
  const { id, key } = await newWorkspace(server, { scopes: ['read', 'write', 'ingest'] });
  const reader = await newWorkspace(server, { scopes: ['read'] });
  const node = Buffer.from(`ApiKey:${keyIdOf(key)}`).toString('base64url');

  const list = await reader.graphql('{ apiKeys { id } }', {}, key);
  const one = await reader.graphql(`{ node(id: "${node}") { id } }`, {}, key);

  expect(id).toBeDefined();
  expect([list.status, codeOf(list.body)]).toEqual([403, 'FORBIDDEN']);
  expect(one.body.data).toEqual({ node: null });
});

describe('a key', () => {
  it('is shown once and stored only as a hash', async () => {
    const admin = await newWorkspace(server, { scopes: ['admin'] });
    const made = await admin.query<{ createApiKey: { key: string } }>(
      'mutation { createApiKey(name: "shop", scopes: [INGEST]) { ... on CreateApiKeyPayload { key } } }',
    );
    const { key } = made.createApiKey;
    const secret = key.split('_')[3]?.slice(0, -6) ?? '';
    await admin.send([page], key);

    const shown = await admin.graphql('{ apiKeys { id name lastFour scopes createdAt } }');
    const dump = await dumpDatabase();

    const hash = createHash('sha256').update(secret).digest('hex');
    expect(shown.body.data.apiKeys).toHaveLength(2);
    expect(JSON.stringify(shown.body)).toContain(key.slice(-4));
    expect(JSON.stringify(shown.body)).not.toContain(secret);
    expect(dump).toContain(hash);
    expect(dump).not.toContain(secret);
    expect(dump).not.toContain(Buffer.from(secret).toString('hex'));
  });

  it('reports when it was last used', async () => {
    const admin = await newWorkspace(server, { scopes: ['admin'] });
    const { key } = await createKey(server.database, admin.id, { name: 'new', scopes: ['ingest'] });
    const lastUse = async () => {
      const { apiKeys } = await admin.query<{ apiKeys: Array<Record<string, string | null>> }>(
        '{ apiKeys { name lastUsedAt } }',
      );
      return apiKeys.find(({ name }) => name === 'new')?.['lastUsedAt'];
    };
    const before = await lastUse();

    await admin.send([page], key);

    expect(before).toBeNull();
    await expect.poll(lastUse, { timeout: 10_000 }).toMatch(/^\d{4}-\d\d-\d\dT/);
  });

  it('is accepted as Bearer and as HTTP Basic user name by the tracking routes', async () => {
    const { post } = await newWorkspace(server);
    const { key } = await newWorkspace(server, { scopes: ['ingest'] });

    const statuses = [];
    for (const authorization of [`Bearer ${key}`, `bearer ${key}`, basic(key).authorization]) {
      statuses.push((await post('/v1/page', page, { authorization })).status);
    }

    expect(statuses).toEqual([200, 200, 200]);
  });

  it('is refused as HTTP Basic by GraphQL', async () => {
    const { post, key } = await newWorkspace(server);

    const answer = await post('/graphql', { query: '{ workspace { id } }' }, basic(key));

    expect([answer.status, codeOf(answer.body)]).toEqual([401, 'UNAUTHENTICATED']);
  });

  it.each<[string, (key: string) => object]>([
    ['authorization', (key) => ({ authorization: `Bearer ${key}` })],
    ['Authorization', (key) => ({ Authorization: `Bearer ${key}` })],
    ['key', (key) => ({ key })],
  ])('opens a WebSocket with `%s` in connectionParams', async (_name, params) => {
    const { key } = await newWorkspace(server);
    const socket = await openSocket(server.url);

    socket.send({ type: 'connection_init', payload: params(key) });

    expect(await socket.waitFor(() => true)).toMatchObject({ type: 'connection_ack' });
    socket.close();
  });

  it('is refused on every transport after revocation', async () => {
    const workspace = await newWorkspace(server, { scopes: ['admin'] });
    const other = await newWorkspace(server);
    const before = await workspace.graphql('{ workspace { id } }');
    await workspace.query(
      `mutation { revokeApiKey(id: "${keyIdOf(workspace.key)}") { ... on RevokeApiKeyPayload { apiKey { revokedAt } } } }`,
    );

    await expect
      .poll(async () => (await workspace.graphql('{ workspace { id } }')).status)
      .toBe(401);
    const sent = await workspace.send([page]);
    const viaBasic = await other.post('/v1/page', page, basic(workspace.key));
    const socket = await openSocket(server.url);
    socket.send({ type: 'connection_init', payload: { key: workspace.key } });

    expect(before.status).toBe(200);
    expect([sent.status, codeOf(sent.body)]).toEqual([401, 'UNAUTHENTICATED']);
    expect(viaBasic.status).toBe(401);
    expect(await socket.closed).toMatchObject({ code: 4403 });
  });

  it('that is mistyped is refused without a database query', async () => {
    let lookups = 0;
    const counted = (database: Database): Database =>
      new Proxy(database, {
        get(target, name: keyof Database) {
          if (name !== 'withoutWorkspace') return target[name];
          const withoutWorkspace: Database['withoutWorkspace'] = (keyId, work) => {
            // The scheduler reads the workspace directory, without a key.
            if (keyId !== undefined) lookups += 1;
            return target.withoutWorkspace(keyId, work);
          };
          return withoutWorkspace;
        },
      });
    const url = await prepareDatabase(server.databaseUrl);
    const second = await startSecondServer(server, { url, wrapDatabase: counted });
    const { key } = newApiKey('live');
    const mistyped = key.slice(0, -1) + (key.endsWith('0') ? '1' : '0');
    const { send, graphql, post } = await newWorkspace(second);

    const refusals = [
      (await send([page], mistyped)).status,
      (await post('/v1/page', page, basic(mistyped))).status,
      (await graphql('{ workspace { id } }', {}, mistyped)).status,
      await connectSocket(second.url, mistyped).catch(String),
    ];
    const lookupsForMistyped = lookups;
    const unknown = await graphql('{ workspace { id } }', {}, key);

    expect(refusals).toEqual([401, 401, 401, expect.stringContaining('4403')]);
    expect(lookupsForMistyped).toBe(0);
    expect([unknown.status, lookups]).toEqual([401, 1]);
    await second.end();
  });
});

it('accepts STAGELINE_ADMIN_KEY as admin of the first workspace on every transport', async () => {
  const { graphql, post, send } = await newWorkspace(server);

  const read = await graphql('{ workspace { name } apiKeys { id } }', {}, adminKey);
  const sent = [await send([page], adminKey), await post('/v1/page', page, basic(adminKey))];
  const socket = await connectSocket(server.url, adminKey);

  expect(read.body.data).toMatchObject({ workspace: { name: 'Main' }, apiKeys: [] });
  expect(sent.map(({ status }) => status)).toEqual([200, 200]);
  socket.close();
});

describe('a revocation', () => {
  /** Revokes keys without a notification, as if it had been lost. */
  const revokeUnheard = (workspaceId: string, id: string) =>
    server.database.inWorkspace(workspaceId, (db) =>
      db.query(sql`update api_key set revoked_at = now() where id = ${id}`),
    );
  const revoke = (workspaceId: string, id: string) => revokeKey(server.database, workspaceId, id);

  it.each([
    ['', revoke],
    [' although the notification was lost', revokeUnheard],
  ])('closes the WebSockets of the key with 4403%s', async (_how, end) => {
    const { id, key } = await newWorkspace(server);
    const { key: otherKey } = await createKey(server.database, id, {
      name: 'other',
      scopes: ['read'],
    });
    const socket = await connectSocket(server.url, key);
    const idle = await connectSocket(server.url, key);
    const other = await connectSocket(server.url, otherKey);
    start(socket, watch);

    await end(id, keyIdOf(key));

    expect(await socket.closed).toEqual({ code: 4403, reason: 'The key was revoked' });
    expect(await idle.closed).toMatchObject({ code: 4403 });
    other.send({ type: 'ping' });
    expect(await other.waitFor(({ type }) => type === 'pong')).toBeDefined();
    other.close();
  });

  it.each([
    ['', revoke],
    [' although the notification was lost', revokeUnheard],
  ])('ends the event streams of the key%s', async (_how, end) => {
    const { id, key } = await newWorkspace(server);
    const stream = await openEventStream(server.url, key, watch);

    await end(id, keyIdOf(key));

    expect(await stream.ended).toContain('event: complete');
  });
});

async function dumpDatabase() {
  const tables = await asAdmin(
    server.databaseUrl,
    `select string_agg(format('select t::text as row from %I t', relname), ' union all ') as sql
     from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace`,
  );
  const { rows } = await asAdmin(server.databaseUrl, tables.rows[0].sql);
  return rows.map(({ row }) => row).join('\n');
}
