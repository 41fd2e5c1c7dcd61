import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { sql } from '../../../src/platform/sql.ts';
import { cloneWorkspaceWithSameIds, dumpWorkspace } from '../../support/clone-workspace.ts';
import {
  foreignCases,
  isPageCursor,
  ownVariables,
  unknownLike,
} from '../../support/foreign-cases.ts';
import { pollOptions } from '../../support/lock-ingestion.ts';
import { type SecondServer, startSecondServer } from '../../support/second-server.ts';
import { mergedUserId, type SeededWorkspace, seedWorkspace } from '../../support/seed-workspace.ts';
import { useServer } from '../../support/server.ts';

// The server is connected with a role that bypasses row-level security: here only the filter of the application
// isolates workspaces.

const server = useServer();
let unwalled: SecondServer;
let ownWorkspace: SeededWorkspace;
let other: SeededWorkspace;
let seedCount = 0;

beforeAll(async () => {
  unwalled = await startSecondServer(server, { url: server.databaseUrl });
  ownWorkspace = await seedWorkspace(unwalled, 'mine');
  other = await seedWorkspace(unwalled, 'other');
  await vi.waitUntil(() => hasRecurringJobs(other), pollOptions);
});
afterAll(() => unwalled.end());

/** They are scheduled after a workspace was created, and would be found as changes of it. */
async function hasRecurringJobs({ workspace: { id } }: SeededWorkspace): Promise<boolean> {
  const { rows } = await unwalled.database.inWorkspace(id, (db) =>
    db.query<{ count: number }>(sql`
      select count(*)::int as count from job
      where workspace_id = ${id} and kind in ('REJECTED_EVENTS', 'CHURN_REFIT')`),
  );
  return rows[0]?.count === 2;
}

/** The response byte for byte. */
async function answer(who: SeededWorkspace, query: string, value?: string, url = unwalled.url) {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${who.workspace.key}`,
      'content-type': 'application/json',
      accept: query.startsWith('subscription') ? 'text/event-stream' : 'application/json',
    },
    body: JSON.stringify({ query, variables: { v: value, ...ownVariables(query, who) } }),
  });
  return `${response.status} ${await response.text()}`;
}

it('runs a server that bypasses row-level security', async () => {
  const { rows } = await unwalled.database.inWorkspace(ownWorkspace.workspace.id, (db) =>
    db.query<{ name: string }>(sql`select name from workspace`),
  );

  expect(rows.map(({ name }) => name)).toEqual(expect.arrayContaining(['mine', 'other']));
});

it.each(foreignCases)(
  'responds to $argument of another workspace as to one that does not exist: $query',
  async ({ query, value }) => {
    const foreign = value(other);
    const before = await dumpWorkspace(server.databaseUrl, other.workspace.id);

    const toForeign = await answer(ownWorkspace, query, foreign);
    const toUnknown = await answer(ownWorkspace, query, unknownLike(foreign, other.canary));

    expect(foreign).not.toBe('');
    expect(toForeign).toBe(toUnknown);
    // An invalid request would also receive the same response.
    expect(toForeign).not.toMatch(/GRAPHQL_|INTERNAL|INVALID_REQUEST/);
    expect(toForeign).not.toContain(other.canary);
    expect(await dumpWorkspace(server.databaseUrl, other.workspace.id)).toEqual(before);
  },
);

const ownAnswersEnd = foreignCases.filter(
  (foreignCase) => !isPageCursor(foreignCase) && !foreignCase.argument.startsWith('Subscription'),
);

it.each(ownAnswersEnd)(
  'responds differently to $argument of the own workspace: $query',
  async ({ query, value }) => {
    const who = query.startsWith('mutation')
      ? await seedWorkspace(unwalled, `mine${seedCount++}`)
      : ownWorkspace;
    const own = value(who);

    const toUnknown = await answer(who, query, unknownLike(own, who.canary));
    const toOwn = await answer(who, query, own);

    expect(toOwn).toMatch(/^200 /);
    expect(toOwn).not.toBe(toUnknown);
  },
);

it('has a case for every argument that takes an id or a cursor', async () => {
  const { workspace } = ownWorkspace;
  const { __schema } = await workspace.query<{ __schema: { types: IntrospectedType[] } }>(`{
    __schema { types {
      name
      fields { name args { name type { ...Named } } }
      inputFields { name type { ...Named } }
    } }
  } fragment Named on __Type { name ofType { name ofType { name ofType { name } } } }`);
  const arguments_ = __schema.types
    .filter(({ name }) => !name.startsWith('__'))
    .flatMap(({ name, fields, inputFields }) => [
      ...(inputFields ?? []).map((input) => ({ at: `${name}.${input.name}`, ...input })),
      ...(fields ?? []).flatMap((field) =>
        field.args.map((arg) => ({ at: `${name}.${field.name}(${arg.name})`, ...arg })),
      ),
    ]);
  const covered = foreignCases.map(({ argument }) => argument);

  const leading = arguments_.filter(
    ({ name, type }) =>
      ['ID', 'Cursor'].includes(namedType(type)) ||
      (['after', 'before'].includes(name) && namedType(type) !== 'DateTime'),
  );

  expect(leading.length).toBeGreaterThanOrEqual(15);
  expect(leading.map(({ at }) => at).filter((at) => !covered.includes(at))).toEqual([]);
  expect(covered.filter((at) => !arguments_.some((known) => known.at === at))).toEqual([]);
});

interface NamedType {
  name: string | null;
  ofType?: NamedType | null;
}

interface IntrospectedType {
  name: string;
  fields: Array<{ name: string; args: Array<{ name: string; type: NamedType }> }> | null;
  inputFields: Array<{ name: string; type: NamedType }> | null;
}

const namedType = ({ name, ofType }: NamedType): string =>
  name ?? (ofType ? namedType(ofType) : '');

/** Everything that can be read of a workspace. */
const everything = `query ($userId: String!) {
  workspace { id name cursor totals { customers orders events netRevenue { amount } } }
  apiKeys { id name }
  lifecycles { id key name customerCount stages { id name customerCount } }
  customers(search: "e") { totalCount nodes { ...All } }
  byStage: customers(where: { stage: { in: ["RETENTION", "LOYALTY"] } }) { totalCount nodes { id } }
  customer(by: { userId: $userId }) { ...All }
  transitions { nodes { cursor fromKey toKey evidence { id name } customer { name } } }
  members { id name email teams { name } }
  teams { id name members { name } }
  segments { totalCount nodes {
    id name count share build { state } overlap(with: "reader") { both onlyThis onlyOther }
    growth(from: "2026-01-01T00:00:00Z", grain: MONTH) { members entered left merged }
    members { nodes { since customer { name } } }
  } }
  inSegment: customers(where: { segment: { in: ["reader"] } }) { totalCount nodes { id } }
  segmentPreview(where: { segment: { notIn: ["reader"] } }) {
    ... on SegmentPreview { count share sample { id } } }
  segmentHistory(where: { fact: { events: { atLeast: 1 } } }, from: "2026-01-01T00:00:00Z", grain: MONTH) {
    count customers }
  changesInSegment: changes(segment: "reader") { ... on ChangePage { changes { cursor } } }
  tasks { nodes { id title customer { name } team { name } fromTeam { name } assignee { name } } }
  changes { ... on ChangePage { cursor changes { cursor at customer { name } } } }
}
fragment All on Customer {
  id name email traits orderCount eventCount
  identities { kind value }
  foreignRevenue { currency gross { amount } }
  revenueIn(currency: "EUR") { gross { amount } }
  stages { stage { key name } since }
  merges { id from { name } event { name } }
  tasks { id title }
  segments { since segment { name } }
  events { nodes { id name properties } }
  timeline { nodes { __typename ... on Event { name } ... on Change { cursor customer { name } } } }
  transitions { nodes { cursor toKey } }
}`;

it('returns the same with and without policies, even if another workspace has the same ids', async () => {
  const reader = await seedWorkspace(unwalled, 'reader');
  const walled = await answer(reader, everything, undefined, server.url);
  const unwalledBefore = await answer(reader, everything);

  await cloneWorkspaceWithSameIds(server.databaseUrl, reader.workspace.id, 'twin');

  expect(walled).toMatch(/^200 \{"data":\{"workspace"/);
  expect(unwalledBefore).toBe(walled);
  expect(await answer(reader, everything)).toBe(walled);
});

it('writes nothing to another workspace that has the same ids', async () => {
  const writer = await seedWorkspace(unwalled, 'writer');
  const { workspace, ids } = writer;
  const clone = await cloneWorkspaceWithSameIds(server.databaseUrl, workspace.id, 'writer-twin');
  const before = await dumpWorkspace(server.databaseUrl, clone);
  const userId = mergedUserId('writer');
  const refund = { order_id: '1', total: 1, currency: 'EUR' };

  const undone = await workspace.query<{ undoMerge: object }>(
    `mutation { undoMerge(merge: "${ids.Merge}") { __typename } }`,
  );
  const staffed = await workspace.query<Record<string, { __typename: string }>>(
    `mutation ($member: ID!, $team: ID!, $task: ID!) {
      a: updateMember(member: $member, name: "new") { __typename }
      b: updateTeam(team: $team, name: "new", members: []) { __typename }
      c: acceptTask(task: $task, member: $member) { __typename }
      d: assignTask(task: $task, to: { member: $member }) { __typename }
      e: completeTask(task: $task) { __typename }
      f: createTeam(name: "other", kind: SALES, members: [$member]) { __typename }
      g: updateSegment(segment: "writer", name: "new", owner: { member: $member }) { __typename }
      h: addSegmentMembers(segment: "writer", customers: [{ anonymousId: "writer-visitor" }]) {
        __typename }
      i: removeSegmentMembers(segment: "writer", customers: [{ userId: "writer-other" }]) {
        __typename }
      j: createSegment(name: "other", filter: { fact: { orderCount: { atLeast: 1 } } }) { __typename }
      k: deleteSegment(segment: "writer") { __typename }
    }`,
    { member: ids.Member, team: ids.Team, task: ids.Task },
  );
  const sent = await workspace.send([
    { type: 'track', userId, event: 'Order Completed', timestamp: '2020-01-01T00:00:00Z' },
    { type: 'track', userId, event: 'Order Refunded', properties: refund },
    { type: 'identify', userId, traits: { email: 'new@example.com' } },
    { type: 'alias', userId, previousId: 'writer-other' },
    { type: 'page', userId: 'writer-new', anonymousId: 'writer-visitor' },
  ]);

  expect(undone.undoMerge).toEqual({ __typename: 'UndoMergePayload' });
  expect(Object.values(staffed).filter(({ __typename }) => !/Payload$/.test(__typename))).toEqual(
    [],
  );
  expect(sent.status).toBe(200);
  expect(await dumpWorkspace(server.databaseUrl, clone)).toEqual(before);
});

it('accepts a message whose id another workspace has used', async () => {
  const { body } = await ownWorkspace.workspace.send([
    { type: 'track', userId: 'mine-user', event: 'Seen', messageId: 'other-order' },
  ]);

  expect(body.results).toMatchObject([{ status: 'accepted', messageId: 'other-order' }]);
});
