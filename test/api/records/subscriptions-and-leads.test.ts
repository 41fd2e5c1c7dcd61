import { describe, expect, it } from 'vitest';
import { sql } from '../../../src/platform/sql.ts';
import { factsOf } from '../../support/customer-facts.ts';
import { newWorkspace, type TestWorkspace, useServer } from '../../support/server.ts';

const server = useServer();

let sent = 0;
const at = (day: number) => new Date(Date.UTC(2025, 0, day)).toISOString();
const call = (event: string, day: number, properties: object, userId = 'u1') => ({
  ...{ type: 'track', userId, event, properties, timestamp: at(day), messageId: `m${++sent}` },
});
const subscribed = (day: number, more: object = {}) =>
  call('Subscription Started', day, { subscription_id: 's1', plan: 'pro', ...more });
const renewed = (day: number) => call('Subscription Renewed', day, { subscription_id: 's1' });
const cancelled = (day: number) => call('Subscription Cancelled', day, { subscription_id: 's1' });

async function report(calls: object[], { inOneBatch = true } = {}) {
  const workspace = await newWorkspace(server);
  for (const batch of inOneBatch ? [calls] : calls.map((one) => [one])) {
    const { body } = await workspace.send(batch);
    expect(body.results.map(({ status }: { status: string }) => status)).toEqual(
      batch.map(() => 'accepted'),
    );
  }
  return workspace;
}

const countDone = async (workspace: TestWorkspace, event: string, equals: number) => {
  const where = { did: { event: [event], measure: { count: { equals } } } };
  const query = 'query ($where: CustomerFilter) { customers(where: $where) { totalCount } }';
  const { customers } = await workspace.query<{ customers: { totalCount: number } }>(query, {
    where,
  });
  return customers.totalCount;
};

const rowsOf = async (workspace: TestWorkspace, table: 'subscription' | 'lead') => {
  const from = table === 'lead' ? sql`lead` : sql`subscription`;
  const { rows } = await server.database.inWorkspace(workspace.id, (db) =>
    db.query<Record<string, unknown>>(
      sql`select * from ${from} where workspace_id = ${workspace.id}`,
    ),
  );
  return rows;
};

describe.each([true, false])('a subscription with an id, in one batch: %s', (inOneBatch) => {
  it('starts, renews and ends once for reports that repeat each other', async () => {
    const workspace = await report(
      [
        ...[subscribed(1), subscribed(2), renewed(10), renewed(10), renewed(20)],
        ...[cancelled(25), cancelled(26)],
      ],
      { inOneBatch },
    );

    const { subscription } = await factsOf(workspace, { userId: 'u1' });
    expect(subscription).toMatchObject({
      ...{ active: false, renewals: 2, cancelledAt: '2025-01-25T00:00:00.000Z' },
      ...{ startedAt: '2025-01-01T00:00:00.000Z', renewedAt: '2025-01-20T00:00:00.000Z' },
    });
    expect(await countDone(workspace, 'Subscription Started', 1)).toBe(1);
    expect(await rowsOf(workspace, 'subscription')).toMatchObject([
      { id: 's1', status: 'CANCELLED', plan: 'pro', renewals: 2 },
    ]);
  });

  it('keeps a start on other terms, and one after a cancellation', async () => {
    const workspace = await report(
      [subscribed(1), subscribed(5, { plan: 'team' }), cancelled(10), subscribed(12)],
      { inOneBatch },
    );

    expect(await countDone(workspace, 'Subscription Started', 3)).toBe(1);
    const { subscription } = await factsOf(workspace, { userId: 'u1' });
    expect(subscription).toMatchObject({ active: true, startedAt: '2025-01-12T00:00:00.000Z' });
  });
});

it('counts every renewal of a subscription with more reports than are read together', async () => {
  const renewals = Array.from({ length: 130 }, (_, index) => renewed(2 + index));
  const workspace = await report([subscribed(1), ...renewals]);

  expect((await factsOf(workspace, { userId: 'u1' })).subscription).toMatchObject({
    renewals: 130,
  });
});

it('leaves reports without an id, or for several customers, as they are', async () => {
  const start = (userId: string, properties: object) =>
    call('Subscription Started', 1, properties, userId);
  const workspace = await report([
    ...[start('u1', {}), start('u1', {})],
    ...[start('u2', { subscription_id: 'pro' }), start('u3', { subscription_id: 'pro' })],
  ]);

  expect(await countDone(workspace, 'Subscription Started', 2)).toBe(1);
  expect(await countDone(workspace, 'Subscription Started', 1)).toBe(2);
});

it('counts a lead once for each lead_id, at its earliest report', async () => {
  const lead = (day: number, id: unknown) => call('Lead Captured', day, { lead_id: id });
  const workspace = await report([lead(3, 1), lead(2, '1'), lead(5, 'other')]);

  expect(await countDone(workspace, 'Lead Captured', 2)).toBe(1);
  expect((await factsOf(workspace, { userId: 'u1' })).leadAt).toBe('2025-01-02T00:00:00.000Z');
  expect((await rowsOf(workspace, 'lead')).map(({ id }) => id).toSorted()).toEqual(['1', 'other']);
});
