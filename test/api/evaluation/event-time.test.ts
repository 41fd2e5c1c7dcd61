import { afterEach, describe, expect, it } from 'vitest';
import { storedChanges } from '../../support/inspect.ts';
import { createBuiltLifecycle, stageInput } from '../../support/lifecycles.ts';
import { changeList, createBuiltSegment, createTestSegment } from '../../support/segments.ts';
import { newWorkspace, type TestWorkspace, useServer } from '../../support/server.ts';
import { waitUntilNothingIsDue } from '../../support/wait-until-nothing-is-due.ts';

const server = useServer();

afterEach(() => {
  server.clock.now = undefined;
});

const now = Date.UTC(2026, 5, 1);
const day = 86_400_000;
const daysAgo = (days: number) => new Date(now - days * day);

const call = (event: string, userId: string, at: Date) => ({
  type: 'track',
  userId,
  event,
  timestamp: at.toISOString(),
});
const order = (userId: string, at: Date) => call('Order Completed', userId, at);

const everOrdered = { did: { event: ['Order Completed'] } };
const silentFor = (window: string) => ({
  all: [everOrdered, { not: { did: { event: ['Order Completed'], window: { within: window } } } }],
});

/** Entries and exits of segments, in the order of the log. */
async function entries(workspace: TestWorkspace) {
  const changes = await storedChanges(server, workspace);
  return changes
    .filter(({ kind }) => kind.startsWith('SEGMENT_'))
    .map(({ kind, at, data }) => ({ kind, at, cause: data['cause'] }));
}

describe('rules that depend on a placement', () => {
  const lifecycle = [
    stageInput('ACTIVE', { all: [] }),
    stageInput('SILENT', silentFor('P30D')),
  ] as const;

  it.each([
    ['that tests a stage', { stage: { lifecycle: 'OWN', in: ['SILENT'] } }],
    [
      'that tests the time in a stage',
      { stage: { lifecycle: 'OWN', in: ['SILENT'], enteredWithin: 'P90D' } },
    ],
  ])(
    'take a move by time between two events of one batch into account, with a filter %s',
    async (_how, filter) => {
      server.clock.now = new Date(now);
      const workspace = await newWorkspace(server);
      await createBuiltLifecycle(workspace, 'OWN', [...lifecycle]);
      await createBuiltSegment(workspace, 'Quiet', filter);

      await workspace.send([
        order('u1', daysAgo(100)),
        call('Product Viewed', 'u1', daysAgo(50)),
        call('Product Viewed', 'u1', daysAgo(49)),
      ]);

      expect((await entries(workspace))[0]).toEqual({
        kind: 'SEGMENT_ENTERED',
        at: daysAgo(70),
        cause: 'TIME',
      });
    },
  );
});

it('evaluates every event of an import that pauses between its batches', async () => {
  server.clock.now = new Date(now);
  const workspace = await newWorkspace(server);
  await createBuiltSegment(workspace, 'Silent', silentFor('P30D'));

  // Time passes meanwhile: "watch" is due now, which ends a round of the scheduler.
  for (const [index, days] of [300, 290, 280].entries()) {
    const minutes = (index + 1) * 60_000;
    await workspace.send([
      order('u1', daysAgo(days)),
      order(`old${index}`, daysAgo(400)),
      order(`watch${index}`, new Date(now - 30 * day - minutes)),
    ]);
    await expect
      .poll(async () => (await entries(workspace)).length, { timeout: 20_000, interval: 10 })
      .toBe(index + 1);
  }
  server.clock.now = new Date(now + 20_000);
  await waitUntilNothingIsDue(server, workspace, now);

  const { customer } = await workspace.query<{ customer: { id: string } }>(
    '{ customer(by: { userId: "u1" }) { id } }',
  );
  const { changes } = await workspace.query<{ changes: { changes: object[] } }>(
    `{ changes(kinds: [SEGMENT_ENTERED, SEGMENT_LEFT]) { ... on ChangePage {
      changes { __typename at customer { id } } } } }`,
  );
  expect(changes.changes.filter((change) => JSON.stringify(change).includes(customer.id))).toEqual([
    {
      __typename: 'SegmentEntered',
      at: daysAgo(250).toISOString(),
      customer: { id: customer.id },
    },
  ]);
});

it.each([
  [
    'a manual move',
    async (workspace: TestWorkspace) => {
      const { customer } = await workspace.query<{ customer: { id: string } }>(
        '{ customer(by: { userId: "u1" }) { id } }',
      );
      const moved = await workspace.query(
        `mutation ($id: ID!) {
          moveCustomer(customer: $id, to: "LOYALTY", reason: "a contract", pin: true) { __typename } }`,
        { id: customer.id },
      );
      expect(moved).toEqual({ moveCustomer: { __typename: 'MoveCustomerPayload' } });
    },
  ],
  [
    'a change of a manual list',
    async (workspace: TestWorkspace) => {
      await createTestSegment(workspace, { name: 'List' });
      await changeList(workspace, 'addSegmentMembers', 'LIST', ['u1']);
    },
  ],
])(
  'applies an older event that arrives after %s at that instant, marked as late',
  async (_what, change) => {
    server.clock.now = new Date(now);
    const workspace = await newWorkspace(server);
    await createBuiltSegment(workspace, 'Viewers', { did: { event: ['Product Viewed'] } });
    await workspace.send([order('u1', daysAgo(10))]);
    await change(workspace);
    const { length } = await storedChanges(server, workspace);

    await workspace.send([call('Product Viewed', 'u1', daysAgo(5))]);

    const [entered] = (await storedChanges(server, workspace)).slice(length);
    expect(entered).toMatchObject({
      kind: 'SEGMENT_ENTERED',
      at: new Date(now),
      data: { cause: 'EVENT', late: true },
    });
  },
);
