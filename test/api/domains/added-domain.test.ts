import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { domains } from '../../../src/domains.ts';
import { installExtensions } from '../../../src/engine/extensions.ts';
import { sql } from '../../../src/platform/sql.ts';
import { badges, badgeTables } from '../../support/badges.ts';
import { asAdmin } from '../../support/databases.ts';
import { connectLive } from '../../support/live-client.ts';
import { newWorkspace, type TestWorkspace, useServer } from '../../support/server.ts';

// Installs domains of its own: the modules that remember those installed are loaded anew, here and for the next file.
vi.hoisted(() => vi.resetModules());
afterAll(() => vi.resetModules());

const all = [...domains, badges];
installExtensions(all.map(({ extension }) => extension));

const server = useServer({}, all);

beforeAll(async () => {
  for (const statement of badgeTables.split(';')) await asAdmin(server.databaseUrl, statement);
});

const track = (userId: string, event: string) => ({ type: 'track', userId, event });

interface Entry {
  __typename: string;
  badge?: string;
  level?: string;
  cause?: string;
  customer: { userId: string };
}

const entryFields =
  '__typename ... on Change { customer { userId } } ... on BadgeEarned { badge level cause }';

async function readLog(workspace: TestWorkspace, kinds = ''): Promise<Entry[]> {
  const { changes } = await workspace.query<{ changes: { changes: Entry[] } }>(
    `{ changes(first: 100 ${kinds}) { ... on ChangePage { changes { ${entryFields} } } } }`,
  );
  return changes.changes;
}

const lettersOf = (workspace: TestWorkspace) =>
  server.database.inWorkspace(workspace.id, async (db) => {
    const { rows } = await db.query<{ text: string }>(sql`
      select text from badge_letter where workspace_id = ${workspace.id} order by text`);
    return rows.map(({ text }) => text);
  });

const earned = (userId: string, badge: string, level: string) => ({
  __typename: 'BadgeEarned',
  badge,
  level,
  cause: 'EVENT',
  customer: { userId },
});

it('is evaluated, logged and delivered with its own rule set, change kind and consequence', async () => {
  const workspace = await newWorkspace(server, { name: 'Badges' });
  const { workspace: start } = await workspace.query<{ workspace: { cursor: string } }>(
    '{ workspace { cursor } }',
  );
  const live = connectLive(server.url, workspace.key);
  const watch = live.watch<{ changes: Entry }>(
    `subscription ($after: Cursor) { changes(kinds: [BADGE_EARNED], after: $after) { ${entryFields} } }`,
    { after: start.cursor },
  );

  await workspace.send([track('ada', 'Order Completed'), track('ada', 'Order Completed')]);

  const expected = [earned('ada', 'BUYER', 'BRONZE'), earned('ada', 'BUYER', 'GOLD')];
  const delivered = await watch.until((items) => items.length === 2);
  expect(delivered.map(({ changes }) => changes)).toEqual(expected);
  expect(await readLog(workspace, 'kinds: [BADGE_EARNED]')).toEqual(expected);
  expect(await lettersOf(workspace)).toEqual(['Badges: BUYER BRONZE', 'Badges: BUYER GOLD']);
  await live.dispose();
});

it('is evaluated before the kinds that it precedes', async () => {
  const workspace = await newWorkspace(server);
  await workspace.send([track('ada', 'Order Completed')]);

  const kinds = (await readLog(workspace)).map(({ __typename }) => __typename);
  expect(kinds).toEqual(['CustomerCreated', 'BadgeEarned', 'StageChanged']);
});

it('evaluates a rule set that applies to placed customers for those only', async () => {
  const workspace = await newWorkspace(server);
  await workspace.send([track('ada', 'Opened'), track('bob', 'Opened')]);
  await server.database.inWorkspace(workspace.id, (db) =>
    db.query(sql`
      insert into badge select ${workspace.id}, id, 'TESTER', 'JOINED', now() from customer
      where workspace_id = ${workspace.id} and user_id = 'ada'`),
  );

  await workspace.send([track('ada', 'Tested'), track('bob', 'Tested')]);

  expect(await readLog(workspace, 'kinds: [BADGE_EARNED]')).toEqual([
    earned('ada', 'TESTER', 'DONE'),
  ]);
});

it('releases the placements of a merged customer', async () => {
  const workspace = await newWorkspace(server);
  await workspace.send([
    track('ada', 'Opened'),
    { type: 'track', anonymousId: 'a1', event: 'Order Completed' },
    { type: 'identify', anonymousId: 'a1', userId: 'ada' },
  ]);

  const { rows } = await server.database.inWorkspace(workspace.id, (db) =>
    db.query(sql`
      select data -> 'badges' as badges,
        (select count(*)::int from badge where workspace_id = ${workspace.id}) as kept
      from change where workspace_id = ${workspace.id} and kind = 'CUSTOMER_MERGED'`),
  );
  expect(rows).toEqual([{ badges: ['BUYER'], kept: 1 }]);
});
