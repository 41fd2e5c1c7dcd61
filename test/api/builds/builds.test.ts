import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Filter } from '../../../src/engine/conditions/filter.ts';
import { prepareDatabase } from '../../../src/platform/prepare-database.ts';
import {
  buildsOf,
  foldMembers,
  matchingCustomers,
  segmentMembersOf,
  startSegmentBuild,
  waitUntilBuilt,
} from '../../support/builds.ts';
import { ask, positionsTo, storedChanges } from '../../support/inspect.ts';
import { lockIngestion, pollOptions } from '../../support/lock-ingestion.ts';
import { type SecondServer, startSecondServer } from '../../support/second-server.ts';
import { newWorkspace, type TestWorkspace, useServer } from '../../support/server.ts';

const server = useServer();
let other: SecondServer;

beforeAll(async () => {
  other = await startSecondServer(server, { url: await prepareDatabase(server.databaseUrl) });
});
afterAll(() => other.end());

const timeoutMs = 120_000;
const order = (userId: string, more: object = {}) => ({
  type: 'track',
  userId,
  event: 'Order Completed',
  ...more,
});
const view = (userId: string) => ({ type: 'track', userId, event: 'Product Viewed' });

const ordersAtLeast = (count: number): Filter => ({ fact: { orderCount: { atLeast: count } } });
const longAgo = new Date(Date.now() - 600_000);

/** Customers u0, u1, …; every third one ordered some minutes ago. */
async function fill(workspace: TestWorkspace, count: number) {
  const calls = Array.from({ length: count }, (_, n) =>
    n % 3 ? view(`u${n}`) : order(`u${n}`, { timestamp: longAgo.toISOString() }),
  );
  for (let start = 0; start < count; start += 1_000) {
    const batch = calls.slice(start, start + 1_000);
    await server.ingest.ingest(workspace.id, batch, { now: new Date() });
  }
}

/** Sends orders, views, new customers and merges until stopped; a fifth of them to the second server. */
function startWriter(workspace: TestWorkspace, customers: number) {
  let isStopped = false;
  let sent = 0;
  async function write() {
    for (; !isStopped; sent += 1) {
      const some = (step: number) => `u${(sent * step) % customers}`;
      const batch = [
        order(some(13)),
        { ...view(some(29)), event: 'Refund Asked' },
        order(`new${sent}`),
        { type: 'alias', userId: some(31), previousId: some(47) },
      ];
      const { ingest } = sent % 5 ? server : other;
      await ingest.ingest(workspace.id, batch, { now: new Date() });
    }
  }
  const done = write();
  return {
    async stop() {
      isStopped = true;
      await done;
    },
  };
}

const buyers: Filter = {
  all: [
    ordersAtLeast(1),
    { not: { did: { event: ['Refund Asked'], window: { within: 'P30D' } } } },
  ],
};

it(
  'finds every member of a new segment once while two servers ingest events',
  async () => {
    const workspace = await newWorkspace(server);
    await fill(workspace, 5_000);
    const writer = startWriter(workspace, 5_000);

    const segmentId = await startSegmentBuild(server, workspace, buyers);
    await waitUntilBuilt(server, segmentId);
    await writer.stop();

    const members = [...(await segmentMembersOf(server, segmentId)).keys()].sort();
    expect(await eventsDuring(segmentId)).toBeGreaterThan(0);
    expect(members.length).toBeGreaterThan(1_000);
    expect(members).toEqual(await matchingCustomers(server, workspace, buyers));
    expect(await foldMembers(server, workspace, segmentId)).toEqual(members);
    expect(await leftOver()).toEqual([]);
  },
  timeoutMs,
);

/** The number of events that arrived during the build. */
async function eventsDuring(segmentId: string) {
  const [found] = await ask<{ count: number }>(
    server,
    `select count(*)::int from job j join event e on e.workspace_id = j.workspace_id
       and e.received_at > j.started_at and e.received_at < j.finished_at
     where j.kind = 'BUILD' and j.key = $1`,
    [segmentId],
  );
  return found?.count ?? 0;
}

const leftOver = () => ask(server, 'select from build_place limit 1');

it(
  'keeps the members until a changed filter is active, and the entry time of those who remain',
  async () => {
    const workspace = await newWorkspace(server);
    await fill(workspace, 3_000);
    const segmentId = await startSegmentBuild(server, workspace, ordersAtLeast(1));
    await waitUntilBuilt(server, segmentId);
    const before = await segmentMembersOf(server, segmentId);
    const again = Array.from({ length: 100 }, (_, n) => order(`u${n * 3}`));
    await server.ingest.ingest(workspace.id, again, { now: new Date() });

    await startSegmentBuild(server, workspace, ordersAtLeast(2), { segmentId, version: 2 });
    const ingestionLock = await lockIngestion(server, workspace.id);
    const meanwhile = await segmentMembersOf(server, segmentId);
    const [, running] = await buildsOf(server, segmentId);
    await ingestionLock.release();
    await waitUntilBuilt(server, segmentId);

    const after = await segmentMembersOf(server, segmentId);
    expect(running?.state).toBe('RUNNING');
    expect(meanwhile).toEqual(before);
    expect(after.size).toBe(100);
    for (const [customer, since] of after) expect(since).toBe(before.get(customer));
    expect(await foldMembers(server, workspace, segmentId)).toEqual([...after.keys()].sort());
    const left = await storedChanges(server, workspace);
    expect(left.filter(({ kind }) => kind === 'SEGMENT_LEFT')).toHaveLength(900);
    expect(left.at(-1)?.data).toEqual({
      segment: segmentId,
      version: 2,
      cause: 'DEFINITION',
      event: null,
      late: false,
    });
  },
  timeoutMs,
);

it(
  'cancels the build of a filter for a newer one without logging changes',
  async () => {
    const workspace = await newWorkspace(server);
    await fill(workspace, 3_000);

    const segmentId = await startSegmentBuild(server, workspace, { all: [] });
    await startSegmentBuild(server, workspace, ordersAtLeast(1), { segmentId, version: 2 });
    await waitUntilBuilt(server, segmentId);

    const states = await buildsOf(server, segmentId);
    expect(states.map(({ state }) => state)).toEqual(['CANCELLED', 'DONE']);
    expect(states.at(-1)).toMatchObject({ done: 3_000, total: 3_000 });
    expect((await segmentMembersOf(server, segmentId)).size).toBe(1_000);
    const entered = await storedChanges(server, workspace);
    expect(entered.filter(({ kind }) => kind === 'SEGMENT_ENTERED')).toHaveLength(1_000);
    expect(await leftOver()).toEqual([]);
  },
  timeoutMs,
);

it('re-evaluates segments that refer to a changed segment', async () => {
  const workspace = await newWorkspace(server);
  await fill(workspace, 30);
  const first = await startSegmentBuild(server, workspace, ordersAtLeast(1));
  await waitUntilBuilt(server, first);
  const others: Filter = { segment: { notIn: [first] } };
  const second = await startSegmentBuild(server, workspace, others);
  await waitUntilBuilt(server, second);

  await startSegmentBuild(server, workspace, ordersAtLeast(2), { segmentId: first, version: 2 });

  await expect
    .poll(async () => (await segmentMembersOf(server, second)).size, pollOptions)
    .toBe(30);
  await foldMembers(server, workspace, second);
  const causes = (await storedChanges(server, workspace)).flatMap(({ data }) =>
    data['segment'] === second ? [data['cause']] : [],
  );
  expect(new Set(causes)).toEqual(new Set(['DEFINITION']));
});

const stage = (key: string, entry: object, more: object = {}) => ({
  key,
  name: key,
  phase: 'ACQUISITION',
  entry,
  ...more,
});
const firstStages = [
  stage('SEEN', { all: [] }),
  stage('BUYER', { fact: { orderCount: { atLeast: 1 } } }),
];

const createLifecycle = `mutation ($stages: [StageInput!]!) {
  createLifecycle(key: "OWN", name: "Own", stages: $stages) {
    ... on LifecyclePayload { lifecycle { build { state version } stages { key } } }
    ... on Refusal { message } } }`;
const updateLifecycle = `mutation ($stages: [StageInput!]!) {
  updateLifecycle(lifecycle: "OWN", stages: $stages) {
    __typename ... on Refusal { message } } }`;
const readLifecycle = `{ lifecycle(key: "OWN") {
  version stages { key } build { state version done total startedAt finishedAt } } }`;

interface OwnLifecycle {
  lifecycle: {
    version: number;
    stages: Array<{ key: string }>;
    build: { state: string; version: number; done: number; total: number; finishedAt: string };
  };
}

async function waitUntilVersion(workspace: TestWorkspace, version: number) {
  const read = async () => (await workspace.query<OwnLifecycle>(readLifecycle)).lifecycle;
  await expect.poll(async () => (await read()).version, pollOptions).toBe(version);
  await expect.poll(async () => (await read()).build.state, pollOptions).toBe('DONE');
  return read();
}

const placesIn = (workspace: TestWorkspace) =>
  ask<{ customer: string; stage: string; since: Date }>(
    server,
    `select p.customer_id as customer, p.stage_key as stage, p.since from customer_stage p
     join lifecycle l on l.workspace_id = p.workspace_id and l.id = p.lifecycle_id
     where p.workspace_id = $1 and l.key = 'OWN' order by p.customer_id`,
    [workspace.id],
  );

async function movesIn(workspace: TestWorkspace, version: number) {
  const changes = await storedChanges(server, workspace);
  expect(changes.map(({ position }) => position)).toEqual(positionsTo(changes.length));
  return changes.filter(
    ({ kind, data }) =>
      kind === 'STAGE_CHANGED' && data['version'] === version && data['cause'] === 'DEFINITION',
  );
}

it(
  'places all customers in a new lifecycle in one transaction, and reports progress',
  async () => {
    const workspace = await newWorkspace(server);
    await fill(workspace, 2_000);

    const created = await workspace.query(createLifecycle, { stages: firstStages });
    const { stages, build } = await waitUntilVersion(workspace, 1);

    expect(created).toEqual({
      createLifecycle: { lifecycle: { build: { state: 'RUNNING', version: 1 }, stages: [] } },
    });
    expect(stages).toEqual([{ key: 'SEEN' }, { key: 'BUYER' }]);
    expect(build).toMatchObject({ version: 1, done: 2_000, total: 2_000 });
    expect(build.finishedAt).not.toBeNull();
    const places = await placesIn(workspace);
    expect(places).toHaveLength(2_000);
    expect(places.filter((place) => place.stage === 'BUYER')).toHaveLength(667);
  },
  timeoutMs,
);

it(
  'moves customers once by changed rules, except those whose stage is the same or pinned',
  async () => {
    const workspace = await newWorkspace(server);
    await fill(workspace, 1_500);
    await workspace.query(createLifecycle, { stages: firstStages });
    await waitUntilVersion(workspace, 1);
    const before = await placesIn(workspace);
    const { customer } = await workspace.query<{ customer: { id: string } }>(
      '{ customer(by: { userId: "u0" }) { id } }',
    );
    await workspace.query(
      `mutation ($id: ID!) { moveCustomer(customer: $id, lifecycle: "OWN", to: "SEEN", reason: "Asked", pin: true) {
        __typename } }`,
      { id: customer.id },
    );

    const writer = startWriter(workspace, 30);
    const stages = [firstStages[0], stage('FIRST', { fact: { orderCount: { atLeast: 1 } } })];
    const answer = await workspace.query(updateLifecycle, { stages });
    await waitUntilVersion(workspace, 2);
    await writer.stop();

    const moves = await movesIn(workspace, 2);
    const after = new Map((await placesIn(workspace)).map((place) => [place.customer, place]));
    expect(answer).toEqual({ updateLifecycle: { __typename: 'LifecyclePayload' } });
    expect(new Set(moves.map((move) => move.customer)).size).toBe(moves.length);
    expect(moves.length).toBeGreaterThan(480);
    expect(moves.at(-1)?.data).toMatchObject({
      from: 'BUYER',
      to: 'FIRST',
      rule: { fact: { orderCount: { atLeast: 1 } } },
      event: null,
      late: false,
    });
    expect([...after.values()].filter((place) => place.stage === 'BUYER')).toEqual([]);
    const kept = before.filter(
      ({ customer: id, stage: key }) => key === 'SEEN' && after.get(id)?.stage === 'SEEN',
    );
    expect(kept.length).toBeGreaterThan(900);
    for (const { customer: id, since } of kept) expect(after.get(id)?.since).toEqual(since);
    const pinned = await workspace.query(
      `{ customer(by: { userId: "u0" }) { stage(lifecycle: "OWN") { stage { key } pinned } } }`,
    );
    expect(pinned).toEqual({ customer: { stage: { stage: { key: 'SEEN' }, pinned: true } } });
  },
  timeoutMs,
);

const bestStage = stage('BEST', { any: [] }, { stay: { all: [] } });

it(
  'keeps a manual move made during a build',
  async () => {
    const workspace = await newWorkspace(server);
    await fill(workspace, 2_500);
    await workspace.query(createLifecycle, { stages: [...firstStages, bestStage] });
    await waitUntilVersion(workspace, 1);
    const { customer } = await workspace.query<{ customer: { id: string } }>(
      '{ customer(by: { userId: "u1" }) { id } }',
    );

    const stages = [
      firstStages[0],
      stage('BUYER', { fact: { orderCount: { atLeast: 2 } } }),
      bestStage,
    ];
    await workspace.query(updateLifecycle, { stages });
    await expect
      .poll(
        async () => (await workspace.query<OwnLifecycle>(readLifecycle)).lifecycle.build.done,
        pollOptions,
      )
      .toBeGreaterThan(0);
    await workspace.query(
      `mutation ($id: ID!) { moveCustomer(customer: $id, lifecycle: "OWN", to: "BEST", reason: "Asked") {
        __typename } }`,
      { id: customer.id },
    );
    await waitUntilVersion(workspace, 2);

    const { customer: moved } = await workspace.query<{ customer: object }>(
      `{ customer(by: { userId: "u1" }) { stage(lifecycle: "OWN") { stage { key } } } }`,
    );
    expect(moved).toEqual({ stage: { stage: { key: 'BEST' } } });
    expect(await movesIn(workspace, 2)).toHaveLength(834);
  },
  timeoutMs,
);
