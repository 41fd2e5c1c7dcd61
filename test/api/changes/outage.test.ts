import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Database } from '../../../src/platform/database.ts';
import { StorageUnavailable } from '../../../src/platform/errors.ts';
import { prepareDatabase } from '../../../src/platform/prepare-database.ts';
import { positionsTo, storedChanges } from '../../support/inspect.ts';
import { connectLive, type Delivered, positionOf } from '../../support/live-client.ts';
import { pollOptions } from '../../support/lock-ingestion.ts';
import { type SecondServer, startSecondServer } from '../../support/second-server.ts';
import { changeList, createTestSegment } from '../../support/segments.ts';
import { newWorkspace, type TestWorkspace, useServer } from '../../support/server.ts';

const server = useServer();
let other: SecondServer;

/** The statements of deliveries that fail as in an outage, and the number of failures. */
const outage = { of: /^$/, failed: 0 };

function unreliable(database: Database): Database {
  return {
    ...database,
    inWorkspace: (workspaceId, work) =>
      database.inWorkspace(workspaceId, (db) =>
        work({
          ...db,
          async query(statement) {
            if (!outage.of.test(statement.text)) return db.query(statement);
            outage.failed += 1;
            throw new StorageUnavailable();
          },
        }),
      ),
  };
}

beforeAll(async () => {
  // Ingest, operations, deliveries, jobs: only deliveries are affected.
  let kinds = 0;
  const wrapDatabase = (database: Database) => (kinds++ === 2 ? unreliable(database) : database);
  const url = await prepareDatabase(server.databaseUrl);
  other = await startSecondServer(server, { url, wrapDatabase });
});
afterAll(() => other.end());

const order = (userId: string) => ({ type: 'track', userId, event: 'Order Completed' });

const follow = `subscription ($after: Cursor, $segment: String) {
  changes(after: $after, segment: $segment) { __typename ... on Change { cursor at } } }`;

function connect({ key }: TestWorkspace, variables: object) {
  const live = connectLive(other.url, key);
  const watch = live.watch<{ changes: Delivered }>(follow, variables);
  return { watch, dispose: live.dispose };
}

it.each([
  ['while a stream catches up', /from change entry/, {}],
  [
    'while a stream looks up the members of its segment',
    /membership\.segment as value/,
    { segment: 'LIST' },
  ],
])('continues without a gap after an outage %s', async (_when, of, variables) => {
  const workspace = await newWorkspace(server);
  await createTestSegment(workspace, { name: 'List' });
  const { workspace: head } = await workspace.query<{ workspace: { cursor: string } }>(
    '{ workspace { cursor } }',
  );
  await workspace.send([order('u1')]);
  await changeList(workspace, 'addSegmentMembers', 'LIST', ['u1']);
  Object.assign(outage, { of, failed: 0 });

  const { watch, dispose } = connect(workspace, { after: head.cursor, ...variables });
  await expect.poll(() => outage.failed, pollOptions).toBeGreaterThan(1);
  await workspace.send([order('u1'), order('u1')]);
  outage.of = /^$/;

  const stored = await storedChanges(server, workspace);
  const first = 'segment' in variables ? entryOf(stored) : 1;
  const expected = positionsTo(stored.length).slice(first - 1);
  const items = await watch.until(({ length }) => length >= expected.length);
  expect(items.map(({ changes }) => positionOf(changes))).toEqual(expected);
  await dispose();
});

const entryOf = (changes: ReadonlyArray<{ kind: string; position: number }>) =>
  changes.find(({ kind }) => kind === 'SEGMENT_ENTERED')?.position ?? 0;
