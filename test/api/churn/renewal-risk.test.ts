import { afterEach, expect, it } from 'vitest';
import {
  createClub,
  event,
  fitRenewals,
  clubNow as now,
  realisticSubscribers,
} from '../../support/churn-club.ts';
import { waitForJob } from '../../support/churn-models.ts';
import { day } from '../../support/churn-shop.ts';
import { connectLive } from '../../support/live-client.ts';
import { newWorkspace, type TestWorkspace, useServer } from '../../support/server.ts';
import { waitUntilNothingIsDue } from '../../support/wait-until-nothing-is-due.ts';

const server = useServer();

afterEach(() => {
  server.clock.now = undefined;
});

interface Risk {
  mode: string;
  state: string;
  score: number;
  band: string;
  since: string;
  flagged: boolean;
  pAlive: number;
  logOdds: number;
  nextChangeAt: string | null;
  modelVersion: number;
  reasons: Array<{ code: string; text: string; contribution: number }>;
}

const ask = `query ($userId: String!) { customer(by: { userId: $userId }) { risk {
  mode state score band since flagged pAlive logOdds nextChangeAt modelVersion expectedOrders horizonDays
  reasons { code text contribution } } } }`;

async function riskOf(workspace: TestWorkspace, userId: string): Promise<Risk> {
  const { customer } = await workspace.query<{ customer: { risk: Risk } }>(ask, { userId });
  return customer.risk;
}

/** Creates a club in the renewal mode. */
async function openRenewals(count = 240) {
  const workspace = await createClub(server, count, realisticSubscribers(count, now));
  await workspace.query('mutation { updateChurnSettings(mode: SUBSCRIPTION) { __typename } }');
  expect(await fitRenewals(workspace)).toMatchObject({ state: 'DONE', outcome: 'ACTIVATED' });
  // The model is active for all later events.
  server.clock.now = new Date(now + 60_000);
  return workspace;
}

/** A safe customer whose renewal is due within a month, and the due date. */
async function findSafe(workspace: TestWorkspace) {
  const { customers } = await workspace.query<{
    customers: { nodes: Array<{ userId: string; subscriptionRisk: { renewsAt: string } }> };
  }>(`{ customers(first: 1, where: { risk: { band: { in: [LOW] } } }) { nodes {
    userId subscriptionRisk { renewsAt } } } }`);
  const [node] = customers.nodes;
  if (!node) throw new Error('Nobody is safe');
  return { userId: node.userId, dueAt: Date.parse(node.subscriptionRisk.renewsAt) };
}

/** Advances the clock and waits until all customers due by then are evaluated. */
async function goOn(workspace: TestWorkspace, to: number) {
  server.clock.now = new Date(to);
  await waitUntilNothingIsDue(server, workspace, to);
}

const countOf = async (workspace: TestWorkspace, where: string) => {
  const { customers } = await workspace.query<{ customers: { totalCount: number } }>(
    `{ customers(where: { ${where} }) { totalCount } }`,
  );
  return customers.totalCount;
};

it('assesses subscribers by their renewals, with reasons that add up to the log-odds', async () => {
  const workspace = await openRenewals();
  const { userId } = await findSafe(workspace);

  const risk = await riskOf(workspace, userId);

  expect(risk).toMatchObject({
    mode: 'SUBSCRIPTION',
    state: 'ASSESSED',
    band: 'LOW',
    flagged: false,
    pAlive: 1,
    modelVersion: 1,
    expectedOrders: null,
    horizonDays: null,
  });
  const sum = risk.reasons.reduce((all, { contribution }) => all + contribution, 0);
  expect(sum).toBeCloseTo(risk.logOdds, 9);
  expect(1 / (1 + Math.exp(-risk.logOdds))).toBeCloseTo(risk.score, 9);
  expect(risk.reasons.map(({ code }) => code)).toContain('AVERAGE_HERE');
});

const watchFlags =
  'subscription { churnRiskFlagged { ... on ChurnRiskFlagged { at customer { userId } reasons { code } } } }';

interface Flagged {
  churnRiskFlagged: { at: string; customer: { userId: string }; reasons: Array<{ code: string }> };
}

it('flags a subscriber with a failed payment at once with reasons, and clears the flag after recovery', async () => {
  const workspace = await openRenewals();
  const { userId } = await findSafe(workspace);
  const flagged = await countOf(workspace, 'risk: { flagged: true }');
  const live = connectLive(server.url, workspace.key);
  const alarms = live.watch<Flagged>(watchFlags);
  await live.ask('{ workspace { id } }');

  await workspace.send([event(userId, 'Payment Failed', now + 50_000)]);
  const [reported] = await alarms.until((items) => items.length > 0);

  expect(reported?.churnRiskFlagged).toMatchObject({
    at: new Date(now + 50_000).toISOString(),
    customer: { userId },
    reasons: expect.arrayContaining([expect.objectContaining({ code: 'PAYMENT_FAILED' })]),
  });
  expect(await riskOf(workspace, userId)).toMatchObject({ flagged: true });
  expect(await countOf(workspace, 'risk: { flagged: true }')).toBe(flagged + 1);
  await workspace.send([event(userId, 'Payment Recovered', now + 55_000)]);
  expect(await riskOf(workspace, userId)).toMatchObject({ flagged: false, band: 'LOW' });
  alarms.stop();
  await live.dispose();
});

it('moves an overdue subscriber through the bands at the predicted instants until it is lost', async () => {
  const workspace = await openRenewals();
  const { userId, dueAt } = await findSafe(workspace);
  const bands: string[] = [];

  for (let risk = await riskOf(workspace, userId); risk.nextChangeAt !== null; ) {
    const { nextChangeAt } = risk;
    await goOn(workspace, Date.parse(nextChangeAt));
    risk = await riskOf(workspace, userId);
    if (risk.band !== bands.at(-1)) {
      bands.push(risk.band);
      expect(risk.since).toBe(nextChangeAt);
    }
    expect(Date.parse(nextChangeAt)).toBeLessThanOrEqual(dueAt + 30 * day);
  }
  await goOn(workspace, dueAt + 30 * day);

  expect(bands.at(-1)).toBe('LAPSED');
  expect(await riskOf(workspace, userId)).toMatchObject({
    score: 1,
    pAlive: 0,
    reasons: [{ code: 'NOT_RENEWED' }],
  });
});

it('filters and sorts by the same scores as the API returns', async () => {
  const workspace = await openRenewals();
  const { userId } = await findSafe(workspace);
  await workspace.send([
    event(userId, 'Payment Failed', now + 50_000),
    event('m0', 'Subscription Cancelled', now + 50_000),
    { type: 'page', userId: 'stranger', timestamp: new Date(now).toISOString() },
  ]);
  await goOn(workspace, now + 5 * day);

  const { customers } = await workspace.query<{
    customers: { nodes: Array<{ userId: string; risk: Risk }> };
  }>(
    '{ customers(first: 100, orderBy: { field: RISK }) { nodes { userId risk { score band state } } } }',
  );

  const scores = customers.nodes.map(({ risk }) => risk.score);
  expect(scores).toEqual(scores.toSorted((a, b) => b - a));
  const allCustomers = await workspace.query<{
    customers: { nodes: Array<{ userId: string; risk: Risk }> };
  }>(
    '{ customers(first: 100, where: { risk: { score: { below: 1 } } }) { nodes { userId risk { score pAlive } } } }',
  );
  expect(allCustomers.customers.nodes.length).toBeGreaterThan(0);
  for (const { risk } of allCustomers.customers.nodes) {
    expect(risk).toMatchObject({ pAlive: 1, score: expect.any(Number) });
    expect(risk.score).toBeLessThan(1);
  }
  const lost = await countOf(workspace, 'risk: { score: { atLeast: 1 } }');
  expect(lost).toBe(await countOf(workspace, 'risk: { pAlive: { below: 0.5 } }'));
  expect(lost + (await countOf(workspace, 'risk: { score: { below: 1 } }'))).toBe(240);
  expect(await riskOf(workspace, 'stranger')).toMatchObject({ state: 'NO_ACTIVITY', score: null });
});

it('assesses by purchases until a renewal model exists, and again after switching back', async () => {
  const workspace = await createClub(server, 240, realisticSubscribers(240, now));

  const before = await riskOf(workspace, 'm1');
  await fitRenewals(workspace);
  const beside = await riskOf(workspace, 'm1');
  await workspace.query('mutation { updateChurnSettings(mode: SUBSCRIPTION) { __typename } }');
  await waitForJob(workspace);
  const after = await riskOf(workspace, 'm1');
  await workspace.query('mutation { updateChurnSettings(mode: ACTIVITY) { __typename } }');

  expect([before, beside, after].map(({ mode }) => mode)).toEqual([
    'ACTIVITY',
    'ACTIVITY',
    'SUBSCRIPTION',
  ]);
  const { churnSettings } = await workspace.query<{ churnSettings: object }>(
    '{ churnSettings { mode assessedBy } }',
  );
  expect(churnSettings).toEqual({ mode: 'ACTIVITY', assessedBy: 'SUBSCRIPTION' });
});

it('refuses past scores, and isolates workspaces', async () => {
  const workspace = await openRenewals();
  const other = await newWorkspace(server);
  await other.send([event('m1', 'Subscription Started', now, { period: 'P30D' })]);

  expect(await riskOf(other, 'm1')).toMatchObject({ mode: 'ACTIVITY', state: 'INSUFFICIENT_DATA' });
  expect(await other.query('{ subscriptionModels { version } }')).toEqual({
    subscriptionModels: [],
  });
  const past = workspace.query(
    `{ segmentHistory(where: { risk: { score: { atLeast: 0.5 } } }, from: "2026-05-01T00:00:00Z",
      to: "2026-05-03T00:00:00Z", grain: DAY) { __typename } }`,
  );
  await expect(past).rejects.toThrow(/INVALID_FILTER/);
});

it('values a subscriber: the next renewal by its own score, later ones by the baseline', async () => {
  const workspace = await openRenewals();
  const terms = { plan: 'PRO', period: 'P30D', price: '10.00' };
  await workspace.send([event('payer', 'Subscription Started', now + 50_000, terms)]);

  const { customer } = await workspace.query<{
    customer: { risk: Risk; lifetimeValue: Record<'month' | 'half' | 'year', { amount: string }> };
  }>(`{ customer(by: { userId: "payer" }) { risk { score } lifetimeValue {
    month: predicted(horizonDays: 31, discountRate: 0) { amount }
    half: predicted(horizonDays: 31, discountRate: 0, margin: 0.5) { amount }
    year: predicted { amount } } } }`);

  const { month, half, year } = customer.lifetimeValue;
  expect(Number(month.amount)).toBe(Math.round(1_000 * (1 - customer.risk.score)));
  expect(Number(half.amount)).toBe(Math.round(500 * (1 - customer.risk.score)));
  expect(Number(year.amount)).toBeGreaterThan(3 * Number(month.amount));
  expect(Number(year.amount)).toBeLessThan(12 * 1_000);
  expect(await countOf(workspace, 'lifetimeValue: { atLeast: 1000 }')).toBe(1);
});

it('sums expected payments, without other currencies and lost subscribers', async () => {
  const workspace = await openRenewals();
  const terms = { period: 'P30D' };
  const paying = [
    event('payer', 'Subscription Started', now - 12 * day, {
      ...terms,
      plan: 'PRO',
      price: '10.00',
    }),
    event('payer', 'Subscription Renewed', now - 9 * day),
    event('other', 'Subscription Started', now - 9 * day, { ...terms, plan: 'PRO', price: 10 }),
    event('basic', 'Subscription Started', now - 40 * day, {
      ...terms,
      plan: 'BASIC',
      price: 29.5,
    }),
    event('yearly', 'Subscription Started', now - 3 * day, { period: 'P365D', price: 99 }),
    event('abroad', 'Subscription Started', now - day, { ...terms, price: 5, currency: 'EUR' }),
    event('lost', 'Subscription Started', now - 2 * day, { ...terms, price: 1_000 }),
    event('lost', 'Subscription Cancelled', now - day),
  ];
  await workspace.send(paying);
  const one = (userId: string) =>
    `${userId}: customer(by: { userId: "${userId}" }) { lifetimeValue { predicted { amount } } }`;
  const ids = ['payer', 'other', 'basic', 'yearly', 'abroad', 'lost'];

  type Value = { predicted: { amount: string } | null };
  const { all, few, none, ...each } = await workspace.query<
    Record<'all' | 'few' | 'none', Value> & Record<string, { lifetimeValue: Value }>
  >(`{ all: lifetimeValues { predicted { amount } }
    few: lifetimeValues(where: { identity: { kind: "user_id", value: { equals: "basic" } } }) { predicted { amount } }
    none: lifetimeValues(where: { identity: { kind: "user_id", value: { equals: "abroad" } } }) { predicted { amount } }
    ${ids.map(one).join(' ')} }`);

  const amountOf = (id: string) => Number(each[id]?.lifetimeValue.predicted?.amount ?? 0);
  const sum = ids.reduce((total, id) => total + amountOf(id), 0);
  expect(ids.map((id) => amountOf(id) > 0)).toEqual([true, true, true, true, false, false]);
  // Each amount is rounded.
  expect(Math.abs(Number(all.predicted?.amount) - sum)).toBeLessThanOrEqual(3);
  expect(Math.abs(Number(few.predicted?.amount) - amountOf('basic'))).toBeLessThanOrEqual(1);
  expect(none.predicted).toBeNull();
});

it('keeps model versions and can activate an earlier one', async () => {
  const workspace = await openRenewals();
  await fitRenewals(workspace);
  expect(await riskOf(workspace, 'm1')).toMatchObject({ modelVersion: 2 });

  await workspace.query('mutation { activateChurnModel(version: 1) { __typename } }');
  await waitForJob(workspace);

  expect(await riskOf(workspace, 'm1')).toMatchObject({ modelVersion: 1 });
  expect(
    await workspace.query('{ subscriptionModels { version isActive backtest { renewals } } }'),
  ).toEqual({
    subscriptionModels: [
      { version: 2, isActive: false, backtest: { renewals: expect.any(Number) } },
      { version: 1, isActive: true, backtest: { renewals: expect.any(Number) } },
    ],
  });
});

it('includes late events and events of merged customers', async () => {
  const workspace = await openRenewals();
  const { userId } = await findSafe(workspace);
  const before = await riskOf(workspace, userId);
  await workspace.send([
    event(userId, 'Lesson Taken', now + 59_000),
    event(userId, 'Payment Failed', now + 30_000),
  ]);
  const late = await riskOf(workspace, userId);
  const recovered = { ...event('', 'Payment Recovered', now + 58_000), userId: null };

  await workspace.send([
    { ...recovered, anonymousId: 'phone', messageId: 'recovered' },
    { type: 'identify', userId, anonymousId: 'phone', messageId: 'merged' },
  ]);

  expect(late.score).toBeGreaterThan(before.score);
  expect(late.reasons.map(({ code }) => code)).toContain('PAYMENT_FAILED');
  const merged = await riskOf(workspace, userId);
  expect(merged.score).toBeCloseTo(before.score, 12);
  expect(merged.band).toBe('LOW');
});
