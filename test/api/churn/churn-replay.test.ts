import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { PurchaseRiskModel } from '../../../src/domains/churn/risk/risk-model.ts';
import { sql } from '../../../src/platform/sql.ts';
import { mbgNbd } from '../../../src/statistics/models/mbg-nbd.ts';
import { afterImport, fitModel, modelInForce } from '../../support/churn-models.ts';
import { day, order, type ShopOrder, sendAll, shop } from '../../support/churn-shop.ts';
import {
  newWorkspace,
  type TestServer,
  type TestWorkspace,
  useServer,
} from '../../support/server.ts';
import { waitUntilNothingIsDue } from '../../support/wait-until-nothing-is-due.ts';

const server = useServer();

const log = join(import.meta.dirname, '../../../../shared/data/CDNOW_master.txt');
const isMissing = !existsSync(log);
if (isMissing) console.log(`Skipped: the CDNOW purchase log is not at ${log}.`);

function cdnow(): ShopOrder[] {
  const lines = readFileSync(log, 'utf8').trim().split('\n').slice(1);
  return lines.map((line, index) => {
    const [customer = '', date = '', , value = '0'] = line.trim().split(/\s+/);
    const at = Date.parse(`${date.slice(0, 4)}-${date.slice(4, 6)}-${date.slice(6, 8)}`);
    return { ...order(customer, at, Number(value)), messageId: `line-${index}` };
  });
}

/** Sends what was ordered before the first day, fits a model on it, then lets the days pass one by one. */
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
  afterImport(server);
  expect(await fitModel(workspace)).toMatchObject({ state: 'DONE', outcome: 'ACTIVATED' });
  const activated = server.clock.now.getTime();
  for (let passed = 1; passed <= days; passed += 1) {
    // All orders are of the first instant of a day.
    const morning = from + passed * day;
    server.clock.now = new Date(morning);
    await sendAll(
      workspace,
      orders.filter((one) => timeOf(one) === morning),
    );
    await waitUntilNothingIsDue(server, workspace, morning);
  }
  return { workspace, activated, model: await modelInForce(workspace) };
}

const timeOf = ({ timestamp }: ShopOrder) => Date.parse(timestamp);

interface BandChange {
  customer: string;
  at: number;
  to: string;
  cause: string;
}

/** Joined here: right after an import, a planner without statistics may compare every change with every customer. */
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

/** The band by the formula and the thresholds alone, from scratch. */
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

/** Every customer on every day: the band of the log so far against that by force. */
function compare(
  orders: readonly ShopOrder[],
  changes: readonly BandChange[],
  { model, days }: { model: PurchaseRiskModel; days: readonly number[] },
) {
  const disagreements: string[] = [];
  const told = Map.groupBy(changes, ({ customer }) => customer);
  let compared = 0;
  for (const [customer, theirs] of Map.groupBy(orders, ({ userId }) => userId)) {
    const times = theirs.map(timeOf).sort((a, b) => a - b);
    const bands = told.get(customer) ?? [];
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

it.skipIf(isMissing)(
  'agrees with a computation from scratch on 90 days of CDNOW',
  async () => {
    await expectAgreement(cdnow(), Date.UTC(1998, 3, 1), 90);
  },
  600_000,
);
