import { createClient } from 'graphql-ws';
import { expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { asAdmin } from '../../support/databases.ts';
import { connectLive } from '../../support/live-client.ts';
import { newWorkspace, type TestWorkspace, useServer } from '../../support/server.ts';

const server = useServer();

const follow = `subscription ($after: Cursor) { changes(after: $after) { ... on Change { cursor } } }`;
const signUp = (userId: string) => ({ type: 'track', userId, event: 'Signed Up' });

async function readCursor(workspace: TestWorkspace) {
  const answer = await workspace.query<{ workspace: { cursor: string } }>(
    '{ workspace { cursor } }',
  );
  return answer.workspace.cursor;
}

/** The errors with which the subscription ends. */
function readFailure({ key }: TestWorkspace, after: string): Promise<unknown> {
  const client = createClient({
    url: `${server.url.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: { key },
    retryAttempts: 0,
  });
  const failed = new Promise((resolve) => {
    client.subscribe(
      { query: follow, variables: { after } },
      { next: () => undefined, error: resolve, complete: () => resolve('complete') },
    );
  });
  return failed.finally(() => client.dispose());
}

it('ends with a masked error and the cursor to resume from, and disturbs no other subscription', async () => {
  const workspace = await newWorkspace(server);
  const other = await newWorkspace(server);
  await workspace.send([signUp('u1')]);
  const before = await readCursor(workspace);
  await workspace.send([signUp('u2'), signUp('u3')]);
  const live = connectLive(server.url, other.key);
  const watch = live.watch(follow, { after: await readCursor(other) });
  const [epoch, position] = before.split('.');
  await asAdmin(
    server.databaseUrl,
    `delete from change where workspace_id = '${workspace.id}' and position = ${Number(position) + 2}`,
  );

  const failure = await readFailure(workspace, before);

  expect(failure).toMatchObject([
    {
      message: expect.stringContaining('Internal server error'),
      extensions: { code: 'INTERNAL', cursor: `${epoch}.${position}` },
    },
  ]);
  await other.send([signUp('v1')]);
  await watch.until(({ length }) => length > 0);
  await live.dispose();
});
