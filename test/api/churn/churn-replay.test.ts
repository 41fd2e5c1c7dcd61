import { expect, it } from 'vitest';
import type { PurchaseRiskModel } from '../../../src/domains/churn/risk/risk-model.ts';
import { sql } from '../../../src/platform/sql.ts';
import { mbgNbd } from '../../../src/statistics/models/mbg-nbd.ts';
import { fitModel, passImportLease, readActiveModel } from '../../support/churn-models.ts';
import { day, order, type ShopOrder, sendAll, shop } from '../../support/churn-shop.ts';
import { parsePurchase, readPurchaseLines } from '../../support/purchase-log.ts';
import {
  newWorkspace,
  type TestServer,
  type TestWorkspace,
  useServer,
} from '../../support/server.ts';
import { waitUntilNothingIsDue } from '../../support/wait-until-nothing-is-due.ts';

const server = useServer();

async function loggedOrders(): Promise<ShopOrder[]> {
  return (await readPurchaseLines()).map((line, index) => {
    const { customer, date, amount } = parsePurchase(line);
    const at = Date.parse(`${date.slice(0, 4)}-${date.slice(4, 6)}-${date.slice(6, 8)}`);
    return { ...order(customer, at, Number(amount)), messageId: `line-${index}` };
  });
}

/** Sends the orders before the first day, fits a model on them, then advances day by day. */
async function replay(
  server: TestServer,
  orders: readonly ShopOrder[],
  from: number,
  days: number,
) {
  server.clock.now = new Date(from);
  const workspace = await newWorkspace(server);
  await sendAll(
    workspace,
    orders.filter((one) => timeOf(one) <= from),
  );
  passImportLease(server);
  expect(await fitModel(workspace)).toMatchObject({ state: 'DONE', outcome: 'ACTIVATED' });
  const activated = server.clock.now.getTime();
  for (let passed = 1; passed <= days; passed += 1) {
    // All orders are at the first instant of a day.
    const morning = from + passed * day;
    server.clock.now = new Date(morning);
    await sendAll(
      workspace,
      orders.filter((one) => timeOf(one) === morning),
    );
    await waitUntilNothingIsDue(server, workspace, morning);
  }
  return { workspace, activated, model: await readActiveModel(workspace) };
}

const timeOf = ({ timestamp }: ShopOrder) => Date.parse(timestamp);

interface BandChange {
  customer: string;
  at: number;
  to: string;
  cause: string;
}

/** Joined in memory: without statistics, the planner may compare every change with every customer. */
const bandChanges = ({ database }: TestServer, { id }: TestWorkspace) =>
  database.inWorkspace(id, async (db) => {
    const customers = await db.query<{ id: string; userId: string }>(sql`
      select id, user_id as "userId" from customer where workspace_id = ${id}`);
    const userIds = new Map(customers.rows.map((customer) => [customer.id, customer.userId]));
    const { rows } = await db.query<Omit<BandChange, 'customer'> & { customerId: string }>(sql`
      select customer_id as "customerId", (extract(epoch from at) * 1000)::float8 as at,
        data ->> 'to' as to, data ->> 'cause' as cause
      from change
      where workspace_id = ${id} and kind = 'CHURN_RISK_BAND_CHANGED' order by position`);
    return rows.map(
      ({ customerId, ...change }): BandChange => ({
        ...change,
        customer: userIds.get(customerId) ?? customerId,
      }),
    );
  });

/** The band computed from scratch by the formula and the thresholds. */
function bandByForce(
  model: PurchaseRiskModel,
  times: readonly number[],
  at: number,
): string | undefined {
  const first = times[0];
  const last = times.at(-1);
  if (first === undefined || last === undefined) return undefined;
  const x = new Set(times.map((time) => Math.floor(time / day))).size - 1;
  const history = { x, tx: (last - first) / day, T: (at - first) / day };
  const raw = mbgNbd.pSilent(model.parameters, history, model.horizonDays);
  const { slope, intercept } = model.calibration;
  const score = 1 / (1 + Math.exp(-(intercept + slope * Math.log(raw / (1 - raw)))));
  const { MEDIUM, HIGH, LAPSED } = model.bands;
  if (score >= LAPSED.enter) return 'LAPSED';
  if (score >= HIGH.enter) return 'HIGH';
  return score >= MEDIUM.enter ? 'MEDIUM' : 'LOW';
}

/** Compares the band in the log with the computed band of every customer on every day. */
function compare(
  orders: readonly ShopOrder[],
  changes: readonly BandChange[],
  { model, days }: { model: PurchaseRiskModel; days: readonly number[] },
) {
  const disagreements: string[] = [];
  const reported = Map.groupBy(changes, ({ customer }) => customer);
  let compared = 0;
  for (const [customer, theirs] of Map.groupBy(orders, ({ userId }) => userId)) {
    const times = theirs.map(timeOf).sort((a, b) => a - b);
    const bands = reported.get(customer) ?? [];
    for (const at of days) {
      const known = times.filter((time) => time <= at);
      const expected = bandByForce(model, known, at);
      const found = bands.findLast((change) => change.at <= at)?.to;
      compared += 1;
      if (expected !== found)
        disagreements.push(
          `${customer} at ${new Date(at).toISOString()}: ${found}, not ${expected}`,
        );
    }
  }
  return { compared, disagreements };
}

async function expectAgreement(orders: readonly ShopOrder[], from: number, count: number) {
  const { workspace, activated, model } = await replay(server, orders, from, count);
  const changes = await bandChanges(server, workspace);
  const days = Array.from({ length: count }, (_, index) => from + (index + 1) * day);

  const { compared, disagreements } = compare(orders, changes, { model, days });

  const own = changes.filter(({ at }) => at > activated);
  const by = (cause: string) => own.filter((change) => change.cause === cause).length;
  console.log(
    `${compared} bands compared; ${by('EVENT')} changes by events, ${by('TIME')} by silence.`,
  );
  expect(disagreements.slice(0, 10)).toEqual([]);
  expect(by('EVENT')).toBeGreaterThan(0);
  expect(by('TIME')).toBeGreaterThan(0);
}

it('equals a computation from scratch on every day of a simulated shop', async () => {
  const orders = shop(300);

  await expectAgreement(orders, Date.UTC(2025, 11, 1), 30);
}, 120_000);

it('agrees with a computation from scratch on 90 days of a purchase log', async () => {
  await expectAgreement(await loggedOrders(), Date.UTC(1998, 3, 1), 90);
}, 600_000);
