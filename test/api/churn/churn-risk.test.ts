import { afterEach, describe, expect, it } from 'vitest';
import type { Activity } from '../../../src/domains/churn/risk/activity.ts';
import { flagThresholds } from '../../../src/domains/churn/risk/next-change.ts';
import { purchaseTrajectory } from '../../../src/domains/churn/risk/purchase-trajectory.ts';
import { scoreAt, scoreRisesTo } from '../../../src/domains/churn/risk/score.ts';
import { msPerDay } from '../../../src/platform/time/ms-per-day.ts';
import {
  fitModel,
  installModel,
  passImportLease,
  readActiveModel,
  waitForJob,
} from '../../support/churn-models.ts';
import { createShopWorkspace, order } from '../../support/churn-shop.ts';
import { exampleModel } from '../../support/example-model.ts';
import { setStageOwner } from '../../support/hand-over.ts';
import { connectLive } from '../../support/live-client.ts';
import { newWorkspace, type TestWorkspace, useServer } from '../../support/server.ts';
import { addMember, addTeam } from '../../support/teams-and-tasks.ts';

const server = useServer();

afterEach(() => {
  server.clock.now = undefined;
});

const riskOf = `query ($userId: String!) { customer(by: { userId: $userId }) { risk {
  state missing score isFromPrior band since flagged flaggedSince logOdds pAlive expectedOrders
  nextChangeAt modelVersion asOf reasons { code text contribution } } } }`;

interface Risk {
  state: string;
  missing: string | null;
  score: number;
  isFromPrior: boolean;
  band: string | null;
  since: string;
  flagged: boolean;
  flaggedSince: string | null;
  logOdds: number;
  pAlive: number;
  expectedOrders: number;
  nextChangeAt: string | null;
  modelVersion: number | null;
  asOf: string;
  reasons: Array<{ code: string; text: string; contribution: number }>;
}

async function risk(workspace: TestWorkspace, userId: string): Promise<Risk> {
  const { customer } = await workspace.query<{ customer: { risk: Risk } }>(riskOf, { userId });
  return customer.risk;
}

async function count(workspace: TestWorkspace, where: string): Promise<number> {
  const { customers } = await workspace.query<{ customers: { totalCount: number } }>(
    `{ customers(where: { ${where} }) { totalCount } }`,
  );
  return customers.totalCount;
}

interface Flagged {
  churnRiskFlagged: {
    at: string;
    cursor: string;
    band: string;
    score: number;
    cause: string;
    customer: { userId: string };
    logOdds: number;
    reasons: Array<{ contribution: number }>;
  };
}

const watchFlags = `subscription ($minBand: RiskBand, $after: Cursor) {
  churnRiskFlagged(minBand: $minBand, after: $after) { ... on ChurnRiskFlagged {
    at cursor band score cause logOdds customer { userId } reasons { contribution } } } }`;

/** Fixes the current time until it is advanced. */
function standStill(): number {
  const now = Math.floor(Date.now() / 1_000) * 1_000;
  server.clock.now = new Date(now);
  return now;
}

/** Orders every ten days; the last is so long ago that silence raises the score to the threshold in `inMs`. */
function regular(userId: string, now: number, inMs: number, threshold = flagging) {
  const span = 50 * msPerDay;
  const activity = { x: 5, first: 0, last: span, valuedDays: 0, repeatValue: 0 };
  const crossing = scoreRisesTo(exampleModel, activity, threshold(activity));
  const last = now + inMs - (crossing - span);
  return Array.from({ length: 6 }, (_, index) =>
    order(userId, last - span + index * 10 * msPerDay, 20),
  );
}

type Threshold = (activity: Activity) => number;
const flagging: Threshold = (activity) =>
  flagThresholds(exampleModel, purchaseTrajectory(exampleModel, activity)).enter;

describe('without an active model', () => {
  it('reports the missing data and marks the score as a guess', async () => {
    const { workspace } = await createShopWorkspace(server, 20);

    expect(await risk(workspace, 'c1')).toMatchObject({
      state: 'INSUFFICIENT_DATA',
      missing: 'There are only 20 of 100 customers that a fit needs. Wait, or choose a later time.',
      isFromPrior: true,
      band: null,
      flagged: false,
      nextChangeAt: null,
      modelVersion: null,
    });
    expect(await fitModel(workspace)).toMatchObject({
      state: 'FAILED',
      outcome: 'INSUFFICIENT_DATA',
      model: null,
    });
  });

  it('returns null for a workspace without customers and for an unknown customer', async () => {
    const workspace = await newWorkspace(server);
    await workspace.send([{ type: 'page', anonymousId: 'a', userId: 'visitor' }]);

    expect(await risk(workspace, 'visitor')).toMatchObject({
      state: 'INSUFFICIENT_DATA',
      score: null,
      isFromPrior: false,
      reasons: [],
    });
    expect(await count(workspace, 'risk: { score: { atLeast: 0 } }')).toBe(0);
    expect(await count(workspace, 'risk: { flagged: false }')).toBe(1);
  });
});

describe('a fitted model', () => {
  it('assesses all customers, and its figures add up', async () => {
    const { workspace } = await createShopWorkspace(server, 300);
    passImportLease(server);

    expect(await fitModel(workspace)).toMatchObject({
      state: 'DONE',
      outcome: 'ACTIVATED',
      done: 300,
      total: 300,
      model: { version: 1 },
    });

    const bands = await Promise.all(
      ['LOW', 'MEDIUM', 'HIGH', 'LAPSED'].map((band) =>
        count(workspace, `risk: { band: { in: [${band}] } }`),
      ),
    );
    expect(bands.reduce((sum, customers) => sum + customers)).toBe(300);
    const result = await risk(workspace, 'c1');
    expect(result).toMatchObject({ state: 'ASSESSED', missing: null, modelVersion: 1 });
    const sum = result.reasons.reduce((total, { contribution }) => total + contribution, 0);
    expect(sum).toBeCloseTo(result.logOdds, 8);
    expect(result.score).toBeCloseTo(1 / (1 + Math.exp(-result.logOdds)), 10);
  });

  it('flags customers without notifying subscribers when it is activated', async () => {
    const { workspace } = await createShopWorkspace(server, 300);
    passImportLease(server);
    const live = connectLive(server.url, workspace.key);
    const alarms = live.watch<Flagged>(watchFlags);
    await live.ask('{ workspace { id } }');

    await fitModel(workspace);
    const { changes } = await workspace.query<{
      changes: { changes: Array<{ __typename: string; cause: string }> };
    }>(`{ changes(kinds: [CHURN_RISK_FLAGGED, CHURN_RISK_BAND_CHANGED], first: 1000) {
      ... on ChangePage { changes { __typename
        ... on ChurnRiskFlagged { cause } ... on ChurnRiskBandChanged { cause } } } } }`);
    await workspace.send([order('c1', server.clock.now?.getTime() ?? 0, 10)]);

    const causes = new Set(changes.changes.map(({ cause }) => cause));
    expect(causes).toEqual(new Set(['MODEL_REFIT']));
    expect(changes.changes.some(({ __typename }) => __typename === 'ChurnRiskFlagged')).toBe(true);
    expect(alarms.items).toEqual([]);
    alarms.stop();
    await live.dispose();
  });

  it('does not notify subscribers of imported history from before its activation', async () => {
    const now = standStill();
    const workspace = await newWorkspace(server);
    await installModel(server, workspace, { activatedAt: new Date(now) });
    const live = connectLive(server.url, workspace.key);
    const alarms = live.watch<Flagged>(watchFlags);
    await live.ask('{ workspace { id } }');

    await workspace.send(regular('long-gone', now, -20 * msPerDay));
    passImportLease(server);
    await expect.poll(() => count(workspace, 'risk: { flagged: true }')).toBe(1);
    await workspace.send(regular('going', now, 30_000));
    await expect.poll(() => risk(workspace, 'going')).toMatchObject({ flagged: false });
    server.clock.now = new Date(now + 40_000);
    await alarms.until((items) => items.length > 0);

    expect(alarms.items.map(({ churnRiskFlagged: { customer } }) => customer.userId)).toEqual([
      'going',
    ]);
    alarms.stop();
    await live.dispose();
  });

  it('can be replaced by an earlier model, and neither changes', async () => {
    const { workspace } = await createShopWorkspace(server, 300);
    passImportLease(server);
    await fitModel(workspace);
    const first = await readActiveModel(workspace);
    await workspace.query('mutation { updateChurnSettings(horizonDays: 30) { __typename } }');
    await fitModel(workspace);
    expect(await risk(workspace, 'c1')).toMatchObject({ modelVersion: 2 });

    await workspace.query('mutation { activateChurnModel(version: 1) { __typename } }');
    await waitForJob(workspace);

    expect(await readActiveModel(workspace)).toEqual(first);
    expect(await risk(workspace, 'c1')).toMatchObject({ modelVersion: 1 });
    const { churnModels } = await workspace.query<{ churnModels: object[] }>(
      '{ churnModels { version isActive horizonDays } }',
    );
    expect(churnModels).toEqual([
      { version: 2, isActive: false, horizonDays: 30 },
      { version: 1, isActive: true, horizonDays: 90 },
    ]);
  });

  it('is stored but not activated with activation NEVER', async () => {
    const { workspace } = await createShopWorkspace(server, 150);
    passImportLease(server);

    const job = await fitModel(workspace, 'NEVER');

    expect(job).toMatchObject({ state: 'DONE', outcome: 'KEPT', model: { version: 1 } });
    expect(await risk(workspace, 'c1')).toMatchObject({ state: 'INSUFFICIENT_DATA' });
  });

  it('refuses a second fit while one is running, and an unknown version', async () => {
    const { workspace } = await createShopWorkspace(server, 150);

    const [one, other] = await Promise.all(
      [1, 2].map(() =>
        workspace.query<{ fitChurnModel: { __typename: string } }>(
          'mutation { fitChurnModel { __typename } }',
        ),
      ),
    );
    const { activateChurnModel } = await workspace.query<{ activateChurnModel: object }>(
      `mutation { activateChurnModel(version: 7) { __typename ... on Refusal { code } } }`,
    );

    const kinds = [one, other].map((answer) => answer?.fitChurnModel.__typename);
    expect(kinds.toSorted()).toEqual(['ChurnModelJobPayload', 'InUse']);
    expect(activateChurnModel).toEqual({ __typename: 'NotFound', code: 'NOT_FOUND' });
  });
});

describe('silence', () => {
  it('flags a customer at the instant that explanations of the flag and of the band name', async () => {
    const workspace = await newWorkspace(server);
    await installModel(server, workspace);
    await workspace.send(regular('soon', standStill(), 15_000));
    const { nextChangeAt } = await risk(workspace, 'soon');

    const { customer } = await workspace.query<{
      customer: object;
    }>(`{ customer(by: { userId: "soon" }) {
      flag: why(of: { where: { risk: { flagged: true } } }) { holds nextChangeAt }
      band: why(of: { where: { risk: { band: { in: [HIGH] } } } }) { holds nextChangeAt } } }`);

    const named = { holds: false, nextChangeAt };
    expect(customer).toEqual({ flag: named, band: named });
  });

  it('flags a customer at the predicted instant and notifies subscribers', async () => {
    const workspace = await newWorkspace(server);
    await installModel(server, workspace);
    const live = connectLive(server.url, workspace.key);
    const alarms = live.watch<Flagged>(watchFlags);
    await live.ask('{ workspace { id } }');

    await workspace.send(regular('soon', standStill(), 15_000));
    const before = await risk(workspace, 'soon');
    passImportLease(server);
    const [flagged] = await alarms.until((items) => items.length > 0);

    expect(before).toMatchObject({ flagged: false, state: 'ASSESSED' });
    expect(flagged?.churnRiskFlagged).toMatchObject({
      at: before.nextChangeAt,
      band: 'HIGH',
      cause: 'TIME',
      customer: { userId: 'soon' },
    });
    const { reasons, logOdds } = flagged?.churnRiskFlagged ?? { reasons: [], logOdds: 0 };
    const sum = reasons.reduce((total, { contribution }) => total + contribution, 0);
    expect(sum).toBeCloseTo(logOdds, 8);
    expect(await risk(workspace, 'soon')).toMatchObject({
      band: 'HIGH',
      flagged: true,
      flaggedSince: before.nextChangeAt,
    });
    alarms.stop();
    await live.dispose();
  });

  it('ends with an order, which clears the flag and lowers the band', async () => {
    const workspace = await newWorkspace(server);
    await installModel(server, workspace);
    await workspace.send(regular('back', standStill(), 15_000));
    passImportLease(server);
    await expect.poll(() => risk(workspace, 'back')).toMatchObject({ flagged: true, band: 'HIGH' });

    await workspace.send([order('back', server.clock.now?.getTime() ?? 0, 20)]);

    expect(await risk(workspace, 'back')).toMatchObject({ flagged: false, band: 'LOW' });
    const { changes } = await workspace.query<{ changes: { changes: object[] } }>(
      `{ changes(kinds: [CHURN_RISK_CLEARED, CHURN_RISK_BAND_CHANGED]) { ... on ChangePage { changes {
        __typename ... on ChurnRiskBandChanged { from to cause event { name } }
        ... on ChurnRiskCleared { cause event { name } } } } } }`,
    );
    const event = { name: 'Order Completed' };
    expect(changes.changes.slice(-2)).toEqual([
      { __typename: 'ChurnRiskBandChanged', from: 'HIGH', to: 'LOW', cause: 'EVENT', event },
      { __typename: 'ChurnRiskCleared', cause: 'EVENT', event },
    ]);
  });

  it('is replayed after a cursor, filtered by band', async () => {
    const workspace = await newWorkspace(server);
    await installModel(server, workspace);
    const { workspace: result } = await workspace.query<{ workspace: { cursor: string } }>(
      '{ workspace { cursor } }',
    );
    const now = standStill();
    await workspace.send([...regular('one', now, 14_000), ...regular('two', now, 15_000)]);
    passImportLease(server);
    await expect.poll(() => count(workspace, 'risk: { flagged: true }')).toBe(2);
    const live = connectLive(server.url, workspace.key);

    const all = live.watch<Flagged>(watchFlags, { after: result.cursor, minBand: 'HIGH' });
    const items = await all.until((got) => got.length === 2);
    const rest = live.watch<Flagged>(watchFlags, {
      after: items[0]?.churnRiskFlagged.cursor,
    });
    const lapsed = live.watch<Flagged>(watchFlags, { after: result.cursor, minBand: 'LAPSED' });
    await rest.until((got) => got.length === 1);
    await live.ask('{ workspace { id } }');

    expect(rest.items).toEqual(items.slice(1));
    expect(lapsed.items).toEqual([]);
    for (const watched of [all, rest, lapsed]) watched.stop();
    await live.dispose();
  });
});

describe('a subscriber of churn flags', () => {
  it('receives only customers in its own or the named stages', async () => {
    const workspace = await newWorkspace(server, { scopes: ['admin'] });
    await installModel(server, workspace);
    const member = await addMember(workspace, 'Mia');
    const team = await addTeam(workspace, 'Care', []);
    const now = standStill();
    await workspace.send(regular('stays', now, 15_000));
    const { customer } = await workspace.query<{
      customer: { stage: { stage: { key: string } } };
    }>('{ customer(by: { userId: "stays" }) { stage { stage { key } } } }');
    await setStageOwner(server, workspace, customer.stage.stage.key, { member });
    const live = connectLive(server.url, workspace.key);
    const follow = (args: string) =>
      live.watch<Flagged>(`subscription { churnRiskFlagged(${args}) {
        ... on ChurnRiskFlagged { customer { userId } } } }`);
    const [named, owned, unnamed, unowned] = [
      follow(`stage: ["${customer.stage.stage.key}"]`),
      follow(`owner: { member: "${member}" }`),
      follow('stage: ["REACH"]'),
      follow(`owner: { team: "${team}" }`),
    ];
    await live.ask('{ workspace { id } }');

    passImportLease(server);

    for (const heard of [named, owned]) await heard?.until((items) => items.length === 1);
    expect([unnamed?.items, unowned?.items]).toEqual([[], []]);
    await live.dispose();
  });

  it('explains why a risk filter matches, and the risk of a merged customer', async () => {
    const workspace = await newWorkspace(server);
    await installModel(server, workspace);
    const now = standStill();
    const orders = regular('known', now, 15_000);
    await workspace.send([
      ...orders.slice(0, 3).map(({ userId: _, ...rest }) => ({ ...rest, anonymousId: 'visitor' })),
      ...orders.slice(3),
    ]);
    await workspace.send([
      { type: 'identify', anonymousId: 'visitor', userId: 'known', timestamp: new Date(now) },
    ]);
    const one = await risk(workspace, 'known');
    await workspace.send(regular('same', now, 15_000));

    const { customer } = await workspace.query<{
      customer: { why: { clauses: Array<{ holds: boolean; actual: { score: number } }> } };
    }>(
      `{ customer(by: { userId: "known" }) { why(of: { where: { risk: { score: { atLeast: 0.1 } } } }) {
        clauses { holds actual nextChangeAt } } } }`,
    );

    expect(one.score).toBeCloseTo((await risk(workspace, 'same')).score, 9);
    expect(customer.why.clauses[0]).toMatchObject({ holds: true });
    expect(customer.why.clauses[0]?.actual.score).toBeCloseTo(one.score, 6);
    passImportLease(server);
    await expect.poll(() => count(workspace, 'risk: { flagged: true }')).toBe(2);
  });
});

describe('in filters', () => {
  const filters = [
    'risk: { score: { atLeast: 0.6 } }',
    'risk: { score: { below: 0.6 } }',
    'risk: { score: { between: { from: 0.3, to: 0.9 } } }',
    'risk: { pAlive: { atLeast: 0.5 } }',
    'risk: { pAlive: { below: 0.5 } }',
    'risk: { band: { in: [HIGH, LAPSED] } }',
    'risk: { band: { notIn: [LOW] } }',
    'risk: { band: { in: [HIGH], forAtLeast: "P10D" } }',
    'risk: { flagged: true }',
    'risk: { flaggedForAtLeast: "P10D" }',
    'lifetimeValue: { atLeast: 2000 }',
    'all: [{ risk: { score: { atLeast: 0.2 } } }, { not: { lifetimeValue: { below: 1000 } } }]',
  ];

  async function states(workspace: TestWorkspace) {
    const { segments } = await workspace.query<{
      segments: { nodes: Array<{ build: { state: string } }> };
    }>('{ segments(first: 100) { nodes { build { state } } } }');
    return segments.nodes.map(({ build }) => build.state);
  }

  it('returns the same customers for a query as for a segment', async () => {
    const { workspace } = await createShopWorkspace(server, 200);
    passImportLease(server);
    await fitModel(workspace);
    for (const [index, filter] of filters.entries()) {
      await workspace.query(
        `mutation { createSegment(key: "S${index}", name: "${index}", filter: { ${filter} }) {
          __typename } }`,
      );
    }
    await expect
      .poll(() => states(workspace), { timeout: 30_000 })
      .toEqual(filters.map(() => 'DONE'));

    for (const [index, filter] of filters.entries()) {
      const { segment } = await workspace.query<{ segment: { count: number } }>(
        `{ segment(key: "S${index}") { count } }`,
      );
      expect([filter, segment.count]).toEqual([filter, await count(workspace, filter)]);
    }
  });

  async function membersOf(workspace: TestWorkspace) {
    const { segment } = await workspace.query<{
      segment: { members: { nodes: Array<{ since: string }> } };
    }>('{ segment(key: "HALF") { members { nodes { since } } } }');
    return segment.members.nodes;
  }

  it('adds a silent customer to a score segment at the instant the score is reached', async () => {
    const workspace = await newWorkspace(server);
    await installModel(server, workspace);
    await workspace.query(
      `mutation { createSegment(key: "HALF", name: "Half", filter: {
        risk: { score: { atLeast: 0.65 } } }) { __typename } }`,
    );
    await expect
      .poll(() => workspace.query('{ segment(key: "HALF") { build { state } } }'))
      .toEqual({ segment: { build: { state: 'DONE' } } });
    const orders = regular('half', standStill(), 15_000, () => 0.65);

    await workspace.send(orders);

    expect(await count(workspace, 'segment: { in: ["HALF"] }')).toBe(0);
    passImportLease(server);
    await expect.poll(() => membersOf(workspace)).toHaveLength(1);
    const [member] = await membersOf(workspace);
    const times = orders.map(({ timestamp }) => Date.parse(timestamp));
    const activity = {
      x: 5,
      first: Math.min(...times),
      last: Math.max(...times),
      valuedDays: 0,
      repeatValue: 0,
    };
    const since = Date.parse(member?.since ?? '');
    expect(scoreAt(exampleModel, activity, since)).toBeGreaterThanOrEqual(0.65);
    expect(scoreAt(exampleModel, activity, since - 1)).toBeLessThan(0.65);
  });

  it.each([
    ['a probability above 1', 'risk: { score: { atLeast: 1.5 } }'],
    ['both kinds of bands', 'risk: { band: { in: [LOW], notIn: [HIGH] } }'],
    ['no band', 'risk: { band: { in: [] } }'],
    ['an invalid duration', 'risk: { band: { in: [LOW], forAtLeast: "P0D" } }'],
  ])('%s is refused with the path to the error', async (_name, filter) => {
    const workspace = await newWorkspace(server);

    const { body } = await workspace.graphql(`{ customers(where: { ${filter} }) { totalCount } }`);

    expect(JSON.stringify(body.errors)).toMatch(/where\.risk|longer than zero/);
  });
});
