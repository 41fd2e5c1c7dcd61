import { expect, it } from 'vitest';
import { createKey, extendKey } from '../../../src/access/keys.ts';
import { sql } from '../../../src/platform/sql.ts';
import { waitUntil } from '../../support/embedded-owners.ts';
import { openEventStream } from '../../support/raw-event-stream.ts';
import { connectSocket } from '../../support/raw-socket.ts';
import { newWorkspace, useServer } from '../../support/server.ts';

const server = useServer();

const inAnHour = () => new Date(Date.now() + 3_600_000);
const watch = { query: 'subscription { changes { ... on Change { cursor } } }' };

/** Makes the key of a workspace expire now. */
const expire = (workspaceId: string) =>
  server.database.inWorkspace(workspaceId, (db) =>
    db.query(sql`update api_key set expires_at = now() where workspace_id = ${workspaceId}`),
  );

it('creates a key with an expiry time', async () => {
  const workspace = await newWorkspace(server, { scopes: ['admin'] });
  const expiresAt = inAnHour().toISOString();

  await workspace.query(
    `mutation ($expiresAt: DateTime) { createApiKey(name: "k", scopes: [READ], expiresAt: $expiresAt) { __typename } }`,
    { expiresAt },
  );

  expect(await workspace.query('{ apiKeys { expiresAt } }')).toEqual({
    apiKeys: [{ expiresAt: null }, { expiresAt }],
  });
});

it('refuses to create an expired key', async () => {
  const workspace = await newWorkspace(server, { scopes: ['admin'] });

  const answer = await workspace.query(
    `mutation { createApiKey(name: "k", scopes: [READ], expiresAt: "2020-01-01T00:00:00Z") {
      __typename ... on InvalidInput { message } } }`,
  );

  expect(answer).toMatchObject({ createApiKey: { message: expect.stringContaining('past') } });
});

it('accepts a key until it expires and refuses it afterwards', async () => {
  const workspace = await newWorkspace(server);
  const { key, id } = await createKey(server.database, workspace.id, {
    name: 'k',
    scopes: ['read'],
    expiresAt: inAnHour(),
  });
  const ask = () => workspace.graphql('{ workspace { name } }', {}, key);
  expect((await ask()).status).toBe(200);

  await extendKey(server.database, workspace.id, { keyId: id, milliseconds: 0 });

  await waitUntil(async () => (await ask()).status === 401);
});

it('closes the WebSockets and streams of a key that expires', async () => {
  const { id, key } = await newWorkspace(server);
  const socket = await connectSocket(server.url, key);
  const stream = await openEventStream(server.url, key, watch);

  await expire(id);

  expect(await socket.closed).toMatchObject({ code: 4403 });
  await stream.ended;
});
