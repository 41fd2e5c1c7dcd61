import { afterEach, expect, it } from 'vitest';
import { valueAt } from '../../../src/domains/churn/risk/value.ts';
import { installModel } from '../../support/churn-models.ts';
import { begin, createShopWorkspace, day, order } from '../../support/churn-shop.ts';
import { exampleModel } from '../../support/example-model.ts';
import { newWorkspace, type TestWorkspace, useServer } from '../../support/server.ts';

const server = useServer();

afterEach(() => {
  server.clock.now = undefined;
});

interface Value {
  historic: { amount: string };
  predicted: { amount: string } | null;
  short: { amount: string } | null;
  atLastOrder: { amount: string } | null;
}

const value = `{ historic { amount } predicted { amount } atLastOrder { amount }
  short: predicted(horizonDays: 30, discountRate: 0, margin: 0.5) { amount } }`;

async function valueFor(workspace: TestWorkspace, userId: string): Promise<Value> {
  const { customer } = await workspace.query<{ customer: { lifetimeValue: Value } }>(
    `query ($userId: String!) { customer(by: { userId: $userId }) { lifetimeValue ${value} } }`,
    { userId },
  );
  return customer.lifetimeValue;
}

interface Sum {
  customers: number;
  buyers: number;
  historic: { amount: string };
  predicted: { amount: string } | null;
}

async function valuesOf(workspace: TestWorkspace, where = '{ all: [] }'): Promise<Sum> {
  const { lifetimeValues } = await workspace.query<{ lifetimeValues: Sum }>(
    `{ lifetimeValues(where: ${where}) { customers buyers historic { amount } predicted { amount } } }`,
  );
  return lifetimeValues;
}

const now = begin + 100 * day;

async function regular() {
  server.clock.now = new Date(now);
  const workspace = await newWorkspace(server);
  await installModel(server, workspace);
  await workspace.send([0, 10, 30].map((days) => order('ada', begin + days * day, 20 + days)));
  return workspace;
}

it('is historic plus expected value, on the requested terms', async () => {
  const workspace = await regular();
  const activity = {
    x: 2,
    first: begin,
    last: begin + 30 * day,
    valuedDays: 3,
    repeatValue: 8_000,
  };

  const result = await valueFor(workspace, 'ada');

  const terms = { horizonDays: 30, discountRate: 0, margin: 0.5 };
  expect(result).toEqual({
    historic: { amount: '10000' },
    predicted: { amount: String(valueAt(exampleModel, activity, now)) },
    short: { amount: String(valueAt(exampleModel, activity, now, terms)) },
    atLastOrder: { amount: String(valueAt(exampleModel, activity, activity.last)) },
  });
  expect(Number(result.predicted?.amount)).toBeLessThan(Number(result.atLastOrder?.amount));
});

it('excludes the first day from repeat spend, in any order of events', async () => {
  const workspace = await regular();
  const late = await newWorkspace(server);
  await installModel(server, late);
  for (const days of [30, 0, 10]) {
    await late.send([order('ada', begin + days * day, 20 + days)]);
  }

  expect(await valueFor(late, 'ada')).toEqual(await valueFor(workspace, 'ada'));
});

it('of a segment or a stage is the sum over its customers, which can be listed', async () => {
  const { workspace, orders } = await createShopWorkspace(server, 60);
  await installModel(server, workspace);
  const ids = new Set(orders.map(({ userId }) => userId));
  const own = await Promise.all([...ids].map((userId) => valueFor(workspace, userId)));
  const sum = (of: (one: Value) => string | undefined) =>
    own.reduce((total, one) => total + Number(of(one) ?? 0), 0);

  const all = await valuesOf(workspace);
  const frequent = await valuesOf(workspace, '{ fact: { orderCount: { atLeast: 3 } } }');
  const others = await valuesOf(workspace, '{ fact: { orderCount: { below: 3 } } }');

  expect(all).toMatchObject({ customers: 60, buyers: 60 });
  expect(Number(all.historic.amount)).toBe(sum(({ historic }) => historic.amount));
  const predicted = sum(({ predicted }) => predicted?.amount);
  // Ages are truncated to whole days; these are whole.
  expect(Math.abs(Number(all.predicted?.amount) - predicted)).toBeLessThan(60);
  const parts = [frequent, others].map((part) => Number(part.predicted?.amount));
  expect(Math.abs(Number(all.predicted?.amount) - (parts[0] ?? 0) - (parts[1] ?? 0))).toBeLessThan(
    2,
  );
  expect(frequent.customers + others.customers).toBe(60);
});

it('is null without a model or an order, and does not depend on other workspaces', async () => {
  const workspace = await regular();
  const other = await newWorkspace(server);
  await other.send([order('ada', begin, 99)]);
  await workspace.send([{ type: 'page', userId: 'visitor' }]);

  expect(await valueFor(other, 'ada')).toMatchObject({ predicted: null, atLastOrder: null });
  expect(await valueFor(workspace, 'visitor')).toMatchObject({
    historic: { amount: '0' },
    predicted: null,
  });
  expect(await valuesOf(other)).toMatchObject({ customers: 1, predicted: null });
});

it.each(['horizonDays: 0', 'horizonDays: 731', 'discountRate: -1', 'margin: 2'])(
  'refuses %s',
  async (terms) => {
    const workspace = await regular();

    const { body } = await workspace.graphql(
      `{ customer(by: { userId: "ada" }) { lifetimeValue { predicted(${terms}) { amount } } } }`,
    );

    expect(body.errors?.[0]?.extensions.code).toBe('INVALID_INPUT');
  },
);

it('sorts customers by risk and by value at risk, across pages as of one instant', async () => {
  const { workspace } = await createShopWorkspace(server, 60);
  await installModel(server, workspace);
  const page = `query ($field: CustomerOrderField!, $after: String) {
    customers(orderBy: { field: $field }, first: 25, after: $after) {
      pageInfo { endCursor hasNextPage }
      nodes { userId risk { score } lifetimeValue { predicted { amount } } } } }`;
  interface Page {
    customers: {
      pageInfo: { endCursor: string; hasNextPage: boolean };
      nodes: Array<{
        userId: string;
        risk: { score: number };
        lifetimeValue: { predicted: { amount: string } };
      }>;
    };
  }
  async function list(field: string) {
    const nodes: Page['customers']['nodes'] = [];
    let after: string | undefined;
    do {
      const { customers } = await workspace.query<Page>(page, { field, after });
      nodes.push(...customers.nodes);
      after = customers.pageInfo.hasNextPage ? customers.pageInfo.endCursor : undefined;
      server.clock.now = new Date((server.clock.now?.getTime() ?? 0) + 3_600_000);
    } while (after);
    return nodes;
  }

  const byRisk = await list('RISK');
  await workspace.query('mutation { activateChurnModel(version: 1) { __typename } }');
  await expect
    .poll(() => workspace.query('{ churnModelJobs { state } }'), { timeout: 20_000 })
    .toEqual({ churnModelJobs: [{ state: 'DONE' }] });
  const byValue = await list('VALUE_AT_RISK');

  const falls = (values: number[]) =>
    values.every((one, index) => index === 0 || one <= (values[index - 1] ?? 0) + 1e-3);
  expect(new Set(byRisk.map(({ userId }) => userId)).size).toBe(60);
  expect(falls(byRisk.map(({ risk }) => risk.score))).toBe(true);
  expect(new Set(byValue.map(({ userId }) => userId)).size).toBe(60);
  // The sort order approximates the value within a few percent: see `remainingSql`.
  const values = byValue.map(
    ({ risk, lifetimeValue }) => risk.score * Number(lifetimeValue.predicted.amount),
  );
  const isAbout = (one: number, index: number) =>
    one <= 1.25 * (values[index - 1] ?? Infinity) + 50;
  expect(values.filter((one, index) => !isAbout(one, index))).toEqual([]);
  expect(values[0]).toBeGreaterThan(2 * (values[30] ?? 0));
});

it('refuses a cursor with an invalid instant', async () => {
  const workspace = await regular();
  const after = Buffer.from(
    JSON.stringify(['99999999999999999', '0.5', '01a20fa4-44d1-77b2-84be-fca211852637']),
  ).toString('base64url');

  const { body } = await workspace.graphql(
    'query ($after: String) { customers(orderBy: { field: RISK }, after: $after) { nodes { id } } }',
    { after },
  );

  expect(body.errors?.[0]?.extensions.code).toBe('INVALID_INPUT');
});
