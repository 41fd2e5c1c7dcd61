import { afterEach, describe, expect, it } from 'vitest';
import { fitModel, passImportLease } from '../../support/churn-models.ts';
import { begin, createShopWorkspace, day, order, sendAll } from '../../support/churn-shop.ts';
import { newWorkspace, type TestWorkspace, useServer } from '../../support/server.ts';

const server = useServer();

afterEach(() => {
  server.clock.now = undefined;
});

const everything = `risk { state missing score band flagged pAlive expectedOrders nextChangeAt modelVersion
    reasons { code text contribution } trajectory: expectedOrders(days: 730) }
  lifetimeValue { historic { formatted } predicted { formatted } atLastOrder { formatted } spendSource
    accuracy { ratio } }`;

/** In two operations, because totals are computed in a thread, which has to start first. */
async function readRisk(workspace: TestWorkspace) {
  const one = await workspace.graphql(`{ customer(by: { userId: "ada" }) { ${everything} }
    customers { nodes { ${everything} } } }`);
  const all = await workspace.graphql(
    '{ lifetimeValues { customers historic { formatted } predicted { formatted } spendSource } }',
  );
  const errors = [...(one.body.errors ?? []), ...(all.body.errors ?? [])];
  return { errors, data: { ...one.body.data, ...all.body.data } };
}

const insufficient = { state: 'INSUFFICIENT_DATA', band: null, flagged: false, modelVersion: null };

describe('on the first day', () => {
  it.each(['PURCHASES', 'ANY_ACTIVITY'])(
    'the risk by %s and the lifetime value of a customer are insufficient data instead of an error',
    async (activity) => {
      const workspace = await newWorkspace(server);
      await workspace.query(
        `mutation { updateChurnSettings(activity: ${activity}) { __typename } }`,
      );
      await workspace.send([order('ada', Date.now(), 12)]);

      const { errors, data } = await readRisk(workspace);

      expect(errors).toEqual([]);
      const { customer, customers, lifetimeValues } = data;
      expect(customers.nodes).toEqual([customer]);
      expect(customer.risk).toMatchObject(insufficient);
      expect(customer.risk.missing).toContain('1 of 100 customers');
      expect(customer.lifetimeValue).toMatchObject({
        historic: { formatted: '12.00 USD' },
        predicted: null,
        spendSource: null,
      });
      expect(lifetimeValues).toMatchObject({ customers: 1, predicted: null, spendSource: null });
    },
  );

  it.each([
    ['nobody has bought', [{ type: 'page', userId: 'ada' }]],
    [
      'a customer ordered twice on one day',
      [order('ada', Date.now(), 1), order('ada', Date.now() - 1, 1)],
    ],
    ['an order lies ahead', [order('ada', Date.now() + day / 2, 5)]],
    ['there are two customers', [order('ada', Date.now(), 1), order('bob', Date.now(), 2)]],
  ])('nothing fails if %s', async (_when, calls) => {
    const workspace = await newWorkspace(server);
    await workspace.send(calls);

    const { errors, data } = await readRisk(workspace);

    expect(errors).toEqual([]);
    expect(data.customer.risk).toMatchObject(insufficient);
  });
});

it('a shop with one price has lifetime values, which say that the mean of all was used', async () => {
  const { workspace, orders } = await createShopWorkspace(server, 0);
  expect(orders).toEqual([]);
  const buyers = Array.from({ length: 150 }, (_, index) =>
    Array.from({ length: 1 + (index % 5) }, (_one, nth) =>
      order(
        index === 4 ? 'ada' : `c${index}`,
        begin + (index + nth * (20 + (index % 40))) * day,
        19.9,
      ),
    ),
  ).flat();
  await sendAll(workspace, buyers);
  passImportLease(server);

  const job = await fitModel(workspace);

  const { churnModel } = await workspace.query<{ churnModel: object }>(
    '{ churnModel { spendSource spendParameters backtest { value { expected actual } } } }',
  );
  const { errors, data } = await readRisk(workspace);
  expect(job).toMatchObject({ outcome: 'ACTIVATED' });
  expect(churnModel).toMatchObject({
    spendSource: 'POOLED_MEAN',
    spendParameters: { mean: 1990 },
    backtest: { value: { expected: expect.any(Number) } },
  });
  expect(errors).toEqual([]);
  expect(data.customer.risk.state).toBe('ASSESSED');
  expect(data.customer.lifetimeValue).toMatchObject({
    predicted: { formatted: expect.stringMatching(/^\d+\.\d\d USD$/) },
    spendSource: 'POOLED_MEAN',
  });
  expect(data.lifetimeValues.spendSource).toBe('POOLED_MEAN');
});

it('600 customers who all buy alike get a model, by a prior', async () => {
  const { workspace } = await createShopWorkspace(server, 0);
  const buyers = Array.from({ length: 600 }, (_, index) =>
    [0, 30, 60, 90].map((after) => order(`c${index}`, begin + after * day, 10)),
  ).flat();
  await sendAll(workspace, buyers);
  passImportLease(server);

  const job = await fitModel(workspace);

  const { churnModel } = await workspace.query<{ churnModel: object }>(
    '{ churnModel { hasPrior } }',
  );
  expect(job).toMatchObject({ outcome: 'ACTIVATED' });
  expect(churnModel).toEqual({ hasPrior: true });
});
