import { afterEach, expect, it } from 'vitest';
import { createClub, event, fitRenewals, clubNow as now } from '../../support/churn-club.ts';
import { day } from '../../support/churn-shop.ts';
import { newWorkspace, type TestWorkspace, useServer } from '../../support/server.ts';

const server = useServer();

afterEach(() => {
  server.clock.now = undefined;
});

const ask = `query ($userId: String!) { customer(by: { userId: $userId }) { subscriptionRisk {
  status statusChangesAt plan renewsAt renewals paymentFailedAt score source logOdds base modelVersion
  reasons { code text contribution } notes { code } } } }`;

interface Risk {
  status: string;
  score: number | null;
  logOdds: number;
  base: number;
  reasons: Array<{ code: string; contribution: number }>;
  notes: Array<{ code: string }>;
}

async function riskOf(workspace: TestWorkspace, userId: string) {
  const { customer } = await workspace.query<{ customer: { subscriptionRisk: Risk | null } }>(ask, {
    userId,
  });
  return customer.subscriptionRisk;
}

it('predicts renewals from earlier outcomes, with reasons', async () => {
  const workspace = await createClub(server, 240);

  expect(await fitRenewals(workspace)).toMatchObject({ state: 'DONE', outcome: 'ACTIVATED' });

  const { subscriptionModel } = await workspace.query<{ subscriptionModel: object }>(
    '{ subscriptionModel { version customers decidedRenewals lostRenewals missing backtest { renewals baseRate auc brier brierOfBaseline } } }',
  );
  expect(subscriptionModel).toMatchObject({ version: 1, customers: 240, missing: null });
  const pro = await riskOf(workspace, 's1');
  expect(pro).toMatchObject({ status: 'ACTIVE', plan: 'PRO', source: 'HAZARD', modelVersion: 1 });
  const sum = (pro?.reasons ?? []).reduce((all, { contribution }) => all + contribution, 0);
  expect((pro?.base ?? 0) + sum).toBeCloseTo(pro?.logOdds ?? 0, 8);
  await workspace.send([event('s1', 'Payment Failed', now + 10_000)]);
  const failed = await riskOf(workspace, 's1');
  expect(failed?.score).toBeGreaterThan(pro?.score ?? 1);
  expect(failed?.reasons.map(({ code }) => code)).toContain('PAYMENT_FAILED');
});

it('reports a lost subscription as a fact without probability', async () => {
  const workspace = await createClub(server, 240);
  await fitRenewals(workspace);
  await workspace.send([event('s3', 'Subscription Cancelled', now + 5_000)]);

  expect(await riskOf(workspace, 's0')).toMatchObject({ status: 'LAPSED', score: null });
  expect(await riskOf(workspace, 's3')).toMatchObject({ status: 'CANCELLED', score: null });
});

it('uses the baseline of the plan while too few renewals are decided', async () => {
  const workspace = await createClub(server, 12);

  await fitRenewals(workspace);

  const { subscriptionModel } = await workspace.query<{ subscriptionModel: { missing: string } }>(
    '{ subscriptionModel { missing backtest { renewals } } }',
  );
  expect(subscriptionModel.missing).toMatch(/A fit needs 100 decided renewals/);
  expect(await riskOf(workspace, 's1')).toMatchObject({
    status: 'ACTIVE',
    source: expect.stringMatching(/PLAN|POOLED|PRIOR/),
    reasons: [],
  });
});

it('reports missing subscriptions, and isolates workspaces', async () => {
  const club = await createClub(server, 240);
  await fitRenewals(club);
  const workspace = await newWorkspace(server);
  await workspace.send([{ type: 'page', userId: 's1' }]);

  expect(await fitRenewals(workspace)).toMatchObject({
    state: 'FAILED',
    outcome: 'INSUFFICIENT_DATA',
    message: expect.stringContaining('has no subscriptions'),
  });
  expect(await riskOf(workspace, 's1')).toBeNull();
  expect(await workspace.query('{ subscriptionModel { version } }')).toEqual({
    subscriptionModel: null,
  });
});

it('ignores invalid properties only', async () => {
  server.clock.now = new Date(now);
  const workspace = await newWorkspace(server);
  await workspace.send([
    event('odd', 'subscription started', now - 40 * day, {
      plan: 7,
      period: 'soon',
      renewsAt: 'x',
    }),
    event('odd', 'Satisfaction Given', now - 10 * day, { score: 'high' }),
    event('odd', 'Subscription Renewed', now - 9 * day, { plan: 'GOLD', renewsAt: '1999-01-01' }),
  ]);

  const risk = await riskOf(workspace, 'odd');

  expect(risk).toMatchObject({
    status: null,
    plan: 'GOLD',
    renewals: 1,
    renewsAt: '2026-06-23T00:00:00.000Z',
    score: null,
  });
});
