import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { createLifecycleFromTemplate } from '../../../src/domains/lifecycles/lifecycle-from-template.ts';
import { lifecycleTemplates } from '../../../src/domains/lifecycles/templates/lifecycle-templates.ts';
import { bumpRulesVersion } from '../../../src/platform/workspace-lock.ts';
import { ask } from '../../support/inspect.ts';
import { createRandom } from '../../support/random.ts';
import { newWorkspace, type TestWorkspace, useServer } from '../../support/server.ts';

const server = useServer();

/** A workspace with all five templates; it has the first one by default. */
async function withAllTemplates(): Promise<TestWorkspace> {
  const workspace = await newWorkspace(server);
  await server.database.inWorkspace(workspace.id, async (db) => {
    for (const template of lifecycleTemplates.slice(1)) {
      await createLifecycleFromTemplate(db, template, { isDefault: false });
    }
    bumpRulesVersion(db);
  });
  return workspace;
}

/** The events of one customer, at noon unless a time is given. */
type CustomerEvents = Array<[when: string, what: string, properties?: object]>;

const instantOf = (when: string) =>
  when.includes('T') ? `${when}:00.000Z` : `${when}T12:00:00.000Z`;

const toCalls = (events: CustomerEvents, anonymousId = 'a1') =>
  events.map(([when, what, properties]) => {
    const call = { anonymousId, timestamp: instantOf(when) };
    if (what === 'Page') return { ...call, type: 'page', name: 'Home' };
    const paid = what === 'Order Completed' ? { total: 10 } : {};
    return { ...call, type: 'track', event: what, properties: { ...paid, ...properties } };
  });

/** Advances the clock and waits until all customers due by then are evaluated. */
async function waitFor(workspace: TestWorkspace, when: string) {
  const now = new Date(instantOf(when));
  server.clock.now = now;
  const due = 'select count(*)::int as due from customer where workspace_id = $1 and due_at <= $2';
  const left = () => ask(server, due, [workspace.id, now]);
  await expect.poll(left, { timeout: 30_000 }).toEqual([{ due: 0 }]);
}

interface Move {
  at: string;
  toKey: string;
  cause: string;
  lifecycle: { key: string };
}

async function movesOf(workspace: TestWorkspace, anonymousId: string): Promise<Move[]> {
  const { customer } = await workspace.query<{ customer: { transitions: { nodes: Move[] } } }>(
    `query ($anonymousId: String!) { customer(by: { anonymousId: $anonymousId }) {
       transitions(first: 100) { nodes { at toKey cause lifecycle { key } } } } }`,
    { anonymousId },
  );
  return customer.transitions.nodes.toReversed();
}

/** The customer's moves in each lifecycle, the oldest first; a star marks moves by time alone. */
async function pathsOf(workspace: TestWorkspace, anonymousId = 'a1') {
  const paths: Record<string, string[]> = {};
  for (const { at, toKey, cause, lifecycle } of await movesOf(workspace, anonymousId)) {
    const path = paths[lifecycle.key] ?? [];
    paths[lifecycle.key] = path;
    path.push(`${at.slice(0, 10)} ${toKey}${cause === 'TIME' ? '*' : ''}`);
  }
  return paths;
}

/** Sends the events at once, advances the clock to the end and returns the moves. */
async function replayUntil(end: string, events: CustomerEvents) {
  const [last = end] = events.at(-1) ?? [];
  server.clock.now = new Date(instantOf(last));
  const workspace = await withAllTemplates();
  expect(await workspace.send(toCalls(events))).toMatchObject({ status: 200 });
  await waitFor(workspace, end);
  return pathsOf(workspace);
}

it('moves a shop customer through all five template lifecycles at once', async () => {
  const paths = await replayUntil('2027-12-31', [
    ['2026-01-01', 'Page'],
    ['2026-01-02', 'Product Viewed'],
    ['2026-01-03', 'Product Added'],
    ['2026-01-04', 'Order Completed'],
    ['2026-01-20', 'Page'],
    ['2026-02-10', 'Order Completed'],
    ['2026-02-20', 'Order Completed'],
    ['2026-02-25', 'Review Submitted', { rating: 5 }],
    ['2026-09-01', 'Page'],
  ]);

  expect(paths).toEqual({
    REACH_TO_LOYALTY: ['2026-01-01 REACH', '2026-01-04 CONVERSION', '2026-02-10 RETENTION'],
    AWARENESS_TO_LOYALTY: [
      '2026-01-01 AWARENESS',
      '2026-01-03 CONSIDERATION',
      '2026-02-10 LOYALTY',
      '2027-02-20 CONSIDERATION*',
    ],
    POSSESSION_AND_TURNING: [
      '2026-01-01 POSSESSION',
      '2026-01-04 TURNING',
      '2026-02-10 RETENTION',
      '2026-02-25 LOYALTY',
    ],
    ACQUISITION_TO_ADVOCACY: [
      '2026-01-01 ACQUISITION',
      '2026-01-04 ENGAGEMENT',
      '2026-02-10 RETENTION',
      '2026-02-20 EXPANSION',
      '2026-02-25 ADVOCACY',
      '2027-02-25 ENGAGEMENT*',
    ],
    AWARENESS_TO_RETENTION: [
      '2026-01-01 AWARENESS',
      '2026-01-04 ACQUISITION',
      '2026-01-05 ONBOARDING*',
      '2026-01-20 ENGAGEMENT',
      '2026-02-10 RETENTION',
      '2026-02-25 ADVOCACY',
      '2026-05-26 DORMANT*',
      '2026-09-01 REACTIVATED',
      '2026-10-01 ADVOCACY*',
      '2026-11-30 DORMANT*',
      '2027-09-01 CHURNED*',
    ],
  });
});

it('moves a subscriber through all five template lifecycles at once', async () => {
  const paths = await replayUntil('2027-12-31', [
    ['2026-01-01', 'Page'],
    ['2026-01-02', 'Signed Up'],
    ['2026-01-03', 'Subscription Started'],
    ['2026-01-03T14:00', 'Onboarding Started'],
    ['2026-01-05', 'Onboarding Completed'],
    ['2026-02-03', 'Subscription Renewed'],
    ['2026-03-10', 'Plan Upgraded'],
    ['2026-03-20', 'Referral Sent'],
    ['2026-04-01', 'Subscription Cancelled'],
    ['2026-05-01', 'Page'],
    ['2026-06-01', 'Subscription Started'],
  ]);

  expect(paths).toEqual({
    REACH_TO_LOYALTY: ['2026-01-01 REACH', '2026-01-02 ACQUISITION'],
    AWARENESS_TO_LOYALTY: [
      '2026-01-01 AWARENESS',
      '2026-01-02 CONSIDERATION',
      '2026-02-03 LOYALTY',
      '2026-04-01 CONSIDERATION',
      '2026-06-01 LOYALTY',
    ],
    POSSESSION_AND_TURNING: [
      '2026-01-01 POSSESSION',
      '2026-01-03 TURNING',
      '2026-02-03 RETENTION',
      '2026-03-20 LOYALTY',
      '2026-04-01 TURNING',
      '2026-06-01 LOYALTY',
    ],
    ACQUISITION_TO_ADVOCACY: [
      '2026-01-01 ACQUISITION',
      '2026-01-03 ENGAGEMENT',
      '2026-02-03 RETENTION',
      '2026-03-10 EXPANSION',
      '2026-03-20 ADVOCACY',
      '2026-04-01 ENGAGEMENT',
      '2026-06-01 ADVOCACY',
      '2027-03-20 RETENTION*',
    ],
    AWARENESS_TO_RETENTION: [
      '2026-01-01 AWARENESS',
      '2026-01-03 ACQUISITION',
      '2026-01-03 ONBOARDING',
      '2026-01-05 ENGAGEMENT',
      '2026-02-03 RETENTION',
      '2026-03-20 ADVOCACY',
      '2026-04-01 CHURNED',
      '2026-06-01 REACTIVATED',
      '2026-07-01 ADVOCACY*',
      '2026-08-30 DORMANT*',
      '2027-07-01 CHURNED*',
    ],
  });
});

it('moves a dormant customer to reactivation and retention over time', async () => {
  server.clock.now = new Date(instantOf('2026-01-10'));
  const workspace = await withAllTemplates();
  const place = async () => (await pathsOf(workspace))['AWARENESS_TO_RETENTION']?.at(-1);
  const order = (when: string) => {
    server.clock.now = new Date(instantOf(when));
    return workspace.send(toCalls([[when, 'Order Completed']]));
  };
  await order('2026-01-10');
  await order('2026-01-20');
  expect(await place()).toBe('2026-01-20 RETENTION');

  await waitFor(workspace, '2026-04-20T11:59');
  expect(await place()).toBe('2026-01-20 RETENTION');
  await waitFor(workspace, '2026-04-20');
  expect(await place()).toBe('2026-04-20 DORMANT*');

  await order('2026-05-05');
  expect(await place()).toBe('2026-05-05 REACTIVATED');
  await waitFor(workspace, '2026-06-04T11:59');
  expect(await place()).toBe('2026-05-05 REACTIVATED');
  await waitFor(workspace, '2026-06-04');
  expect(await place()).toBe('2026-06-04 RETENTION*');
});

it('moves a returning one-time buyer to engagement, not to the first stage', async () => {
  const { AWARENESS_TO_RETENTION: path } = await replayUntil('2026-08-01', [
    ['2026-01-01', 'Order Completed'],
    ['2026-06-01', 'Page'],
  ]);

  expect(path).toEqual([
    '2026-01-01 ACQUISITION',
    '2026-01-02 ONBOARDING*',
    '2026-04-01 DORMANT*',
    '2026-06-01 REACTIVATED',
    '2026-07-01 ENGAGEMENT*',
  ]);
});

it('counts a cancelled subscription as churn at once and a later order as a return', async () => {
  const { AWARENESS_TO_RETENTION: path } = await replayUntil('2026-09-01', [
    ['2026-01-01', 'Subscription Started'],
    ['2026-01-01', 'Order Completed'],
    ['2026-02-01', 'Subscription Renewed'],
    ['2026-02-01', 'Order Completed'],
    ['2026-02-05', 'Subscription Cancelled'],
    ['2026-02-20', 'Page'],
    ['2026-03-01', 'Order Completed'],
    ['2026-04-20', 'Page'],
  ]);

  expect(path).toEqual([
    '2026-01-01 ACQUISITION',
    '2026-01-02 ONBOARDING*',
    '2026-02-01 RETENTION',
    '2026-02-05 CHURNED',
    '2026-03-01 REACTIVATED',
    '2026-03-31 RETENTION*',
    '2026-05-30 CHURNED*',
  ]);
});

it('counts a customer that cancels a second subscription as churned again at once', async () => {
  const { AWARENESS_TO_RETENTION: path } = await replayUntil('2026-06-01', [
    ['2026-01-01', 'Subscription Started'],
    ['2026-01-05', 'Subscription Cancelled'],
    ['2026-02-01', 'Subscription Started'],
    ['2026-02-01', 'Order Completed'],
    ['2026-02-10', 'Subscription Cancelled'],
  ]);

  expect(path).toEqual([
    '2026-01-01 ACQUISITION',
    '2026-01-02 ONBOARDING*',
    '2026-01-05 CHURNED',
    '2026-02-01 REACTIVATED',
    '2026-02-10 CHURNED',
  ]);
});

it('does not count a yearly subscriber as churned the day before the renewal', async () => {
  const { AWARENESS_TO_RETENTION: path } = await replayUntil('2027-03-01', [
    ['2026-01-01', 'Subscription Started'],
    ['2027-01-01', 'Subscription Renewed'],
  ]);

  expect(path).toEqual([
    '2026-01-01 ACQUISITION',
    '2026-01-02 ONBOARDING*',
    '2026-04-01 DORMANT*',
    '2027-01-01 REACTIVATED',
    '2027-01-31 RETENTION*',
  ]);
});

it('counts an opted-out customer as dormant until an order, even with visits', async () => {
  const { AWARENESS_TO_RETENTION: path } = await replayUntil('2026-06-30', [
    ['2026-01-01', 'Order Completed'],
    ['2026-01-02T09:00', 'Order Completed'],
    ['2026-01-10', 'Unsubscribed'],
    ['2026-02-20', 'Page'],
    ['2026-03-01', 'Order Completed'],
  ]);

  expect(path).toEqual([
    '2026-01-01 ACQUISITION',
    '2026-01-02 RETENTION',
    '2026-02-01 DORMANT*',
    '2026-03-01 REACTIVATED',
    '2026-03-31 RETENTION*',
    '2026-05-30 DORMANT*',
  ]);
});

it('requires an order, not only a visit, to reactivate a churned customer who opted out', async () => {
  const { AWARENESS_TO_RETENTION: path } = await replayUntil('2027-09-01', [
    ['2026-01-01', 'Order Completed'],
    ['2026-01-05', 'Unsubscribed'],
    ['2027-03-01', 'Page'],
    ['2027-04-01', 'Order Completed'],
  ]);

  expect(path).toEqual([
    '2026-01-01 ACQUISITION',
    '2026-01-02 ONBOARDING*',
    '2026-01-31 DORMANT*',
    '2027-01-05 CHURNED*',
    '2027-04-01 REACTIVATED',
    '2027-05-01 RETENTION*',
    '2027-06-30 DORMANT*',
  ]);
});

it('ignores an opt-out that is followed by an order', async () => {
  const { AWARENESS_TO_RETENTION: path } = await replayUntil('2026-04-01', [
    ['2026-01-01', 'Order Completed'],
    ['2026-01-15', 'Unsubscribed'],
    ['2026-01-25', 'Order Completed'],
  ]);

  expect(path).toEqual([
    '2026-01-01 ACQUISITION',
    '2026-01-02 ONBOARDING*',
    '2026-01-25 RETENTION',
  ]);
});

it('does not count a bad review as advocacy', async () => {
  const paths = await replayUntil('2026-01-05', [
    ['2026-01-01', 'Order Completed'],
    ['2026-01-02T09:00', 'Order Completed'],
    ['2026-01-03', 'Review Submitted', { rating: 1 }],
    ['2026-01-04', 'Review Submitted', { rating: '5' }],
  ]);

  expect(paths).toMatchObject({
    POSSESSION_AND_TURNING: ['2026-01-01 TURNING', '2026-01-02 RETENTION'],
    ACQUISITION_TO_ADVOCACY: ['2026-01-01 ENGAGEMENT', '2026-01-02 RETENTION'],
    AWARENESS_TO_RETENTION: ['2026-01-01 ACQUISITION', '2026-01-02 RETENTION'],
  });
});

it('requires three orders in 90 days to enter expansion and one to stay', async () => {
  const { ACQUISITION_TO_ADVOCACY: path } = await replayUntil('2026-08-01', [
    ['2026-01-01', 'Order Completed'],
    ['2026-01-11', 'Order Completed'],
    ['2026-01-21', 'Order Completed'],
    ['2026-04-15', 'Order Completed'],
  ]);

  expect(path).toEqual([
    '2026-01-01 ENGAGEMENT',
    '2026-01-11 RETENTION',
    '2026-01-21 EXPANSION',
    '2026-07-14 RETENTION*',
  ]);
});

const create = `mutation ($template: String, $key: String, $stages: [StageInput!]) {
  createLifecycle(template: $template, key: $key, name: $key, stages: $stages) {
    ... on LifecyclePayload { lifecycle { key } }
    ... on Refusal { code message }
  }
}`;

it('loads templates by key into a workspace with customers and places every customer', async () => {
  server.clock.now = new Date(instantOf('2026-06-30'));
  const workspace = await newWorkspace(server);
  await workspace.send(toCalls([['2026-01-01', 'Order Completed']]));
  const keys = lifecycleTemplates.slice(1).map(({ key }) => key);

  for (const template of keys) {
    expect(await workspace.query(create, { template: template.toLowerCase() })).toEqual({
      createLifecycle: { lifecycle: { key: template } },
    });
  }

  const places = () =>
    workspace.query(
      '{ customer(by: { anonymousId: "a1" }) { stages { lifecycle { key } stage { key } } } }',
    );
  const place = (lifecycle: string, stage: string) => ({
    lifecycle: { key: lifecycle },
    stage: { key: stage },
  });
  await expect.poll(places, { timeout: 30_000 }).toEqual({
    customer: {
      stages: [
        place('REACH_TO_LOYALTY', 'CONVERSION'),
        place('ACQUISITION_TO_ADVOCACY', 'ENGAGEMENT'),
        place('AWARENESS_TO_LOYALTY', 'CONSIDERATION'),
        place('AWARENESS_TO_RETENTION', 'DORMANT'),
        place('POSSESSION_AND_TURNING', 'TURNING'),
      ],
    },
  });
});

it("creates the custom lifecycle of the guide's example", async () => {
  const workspace = await newWorkspace(server);
  const guide = await readFile(new URL('../../../docs/lifecycles.md', import.meta.url), 'utf8');
  const [, variables = ''] = guide.match(/```json\n(.*?)```/s) ?? [];

  const created = await workspace.query(create, { key: 'OWN', ...JSON.parse(variables) });

  expect(created).toEqual({ createLifecycle: { lifecycle: { key: 'OWN' } } });
});

const eventChoices: Array<[what: string, properties?: object]> = [
  ['Page'],
  ['Page'],
  ['Product Viewed'],
  ['Product Added'],
  ['Signed Up'],
  ['Order Completed'],
  ['Order Completed'],
  ['Subscription Started'],
  ['Subscription Renewed'],
  ['Subscription Cancelled'],
  ['Onboarding Completed'],
  ['Plan Upgraded'],
  ['Referral Sent'],
  ['Review Submitted', { rating: 5 }],
  ['Unsubscribed'],
  ['Email Opened'],
];

/** Random events of two years, with pauses of hours to months. */
function randomCustomerEvents(seed: number): CustomerEvents {
  const random = createRandom(seed);
  const events: CustomerEvents = [];
  for (let at = Date.UTC(2025, 0, 1); ; ) {
    at += 3_600_000 * Math.round(24 * 120 ** random.next() - 20);
    if (at > Date.UTC(2027, 0, 1)) return events;
    const [what, properties = {}] = eventChoices[random.between(0, eventChoices.length - 1)] ?? [
      'Page',
    ];
    events.push([new Date(at).toISOString().slice(0, 16), what, properties]);
  }
}

it('has only reachable stages, and silence never makes a customer oscillate between them', async () => {
  server.clock.now = new Date('2027-01-01T00:00:00Z');
  const workspace = await withAllTemplates();
  const eventLists = Array.from({ length: 40 }, (_, seed) => randomCustomerEvents(seed));
  for (const [seed, events] of eventLists.entries()) {
    await workspace.send(toCalls(events, `random-${seed}`));
  }
  await waitFor(workspace, '2029-01-01');

  const reached = new Set<string>();
  for (const [seed, events] of eventLists.entries()) {
    const known = await movesOf(workspace, `random-${seed}`);
    const movesByLifecycle = Map.groupBy(known, ({ lifecycle }) => lifecycle.key);
    for (const [lifecycle, moves] of movesByLifecycle) {
      for (const { toKey } of moves) reached.add(`${lifecycle} ${toKey}`);
      expect(turnedBackByTime(moves, events), `events of seed ${seed} in ${lifecycle}`).toEqual([]);
    }
  }
  const all = lifecycleTemplates.flatMap(({ key, stages }) =>
    stages.map((stage) => `${key} ${stage.key}`),
  );
  expect(all.filter((stage) => !reached.has(stage))).toEqual([]);
});

/** The stages to which time alone returned a customer during one period of silence. */
function turnedBackByTime(moves: Move[], events: CustomerEvents): string[] {
  const turned: string[] = [];
  let since: string[] = [];
  let silence = 0;
  for (const { at, toKey, cause } of moves) {
    const before = events.filter(([when]) => instantOf(when) < at).length;
    if (before !== silence) since = since.slice(-1);
    if (cause === 'TIME' && since.includes(toKey)) turned.push(toKey);
    since.push(toKey);
    silence = before;
  }
  return turned;
}
