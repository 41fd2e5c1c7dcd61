import { afterEach, expect, it } from 'vitest';
import { renewalTrajectory } from '../../../src/domains/churn/risk/renewal-trajectory.ts';
import {
  type BandThresholds,
  type RiskBand,
  raisedBands,
  type SubscriptionRiskModel,
} from '../../../src/domains/churn/risk/risk-model.ts';
import { toSubscriptionEvents } from '../../../src/domains/churn/subscription/reported-events.ts';
import { sql } from '../../../src/platform/sql.ts';
import {
  createClub,
  event,
  fitRenewals,
  clubNow as now,
  realisticSubscribers,
} from '../../support/churn-club.ts';
import { day } from '../../support/churn-shop.ts';
import { type TestWorkspace, useServer } from '../../support/server.ts';
import { waitUntilNothingIsDue } from '../../support/wait-until-nothing-is-due.ts';

const server = useServer();

afterEach(() => {
  server.clock.now = undefined;
});

type ReportedChange = ReturnType<typeof event>;
const timeOf = ({ timestamp }: ReportedChange) => Date.parse(timestamp);

/** Simulates subscribers for some days: renewals on time, late and failed, usage and cancellations. */
function future(workspaceDue: ReadonlyMap<string, number>, days: number): ReportedChange[] {
  const end = now + days * day;
  return [...workspaceDue].flatMap(([userId, dueAt], index) => {
    const events: ReportedChange[] = [];
    if (dueAt < now) return events;
    if (index % 7 === 1) events.push(event(userId, 'Payment Failed', dueAt - 2 * day));
    if (index % 7 === 2)
      events.push(event(userId, 'Satisfaction Given', now + 3 * day, { score: 3 }));
    if (index % 7 === 3) events.push(event(userId, 'Subscription Cancelled', dueAt - 3 * day));
    if (index % 3 === 0) {
      for (let at = now + day / 3; at < now + 12 * day; at += 1.5 * day) {
        events.push(event(userId, 'Lesson Taken', Math.round(at)));
      }
    }
    if (index % 5 !== 4) {
      events.push(
        event(userId, 'Subscription Renewed', dueAt + (index % 4) * 3 * day, { plan: 'PRO' }),
      );
    }
    return events.filter((one) => timeOf(one) > now + day / 4 && timeOf(one) < end);
  });
}

interface BandChange {
  customer: string;
  at: number;
  to: string | null;
}

const bandChanges = ({ id }: TestWorkspace, after: number) =>
  server.database.inWorkspace(id, async (db) => {
    const { rows } = await db.query<BandChange>(sql`
      select c.user_id as customer, (extract(epoch
        from ch.at) * 1000)::float8 as at, ch.data ->> 'to' as to
      from change ch join customer c on c.workspace_id = ${id} and c.id = ch.customer_id
      where ch.workspace_id = ${id} and ch.kind = 'CHURN_RISK_BAND_CHANGED'
        and ch.data ->> 'cause' <> 'MODEL_REFIT' and ch.at > ${new Date(after)}
      order by c.user_id, ch.position`);
    return rows;
  });

const next = (
  bands: BandThresholds,
  held: RiskBand | undefined,
  { score, isNew }: { score: number; isNew: boolean },
): RiskBand => {
  const entered = raisedBands.findLast((band) => score >= bands[band].enter) ?? 'LOW';
  const stays = held && held !== 'LOW' && !isNew && score >= bands[held].exit;
  return stays && raisedBands.indexOf(held) > raisedBands.indexOf(entered as 'HIGH')
    ? held
    : entered;
};

/**
 * The bands of one customer by repeated evaluation: at every midnight, at every event and some whole days after each
 * event. All events of an instant are applied before the next evaluation.
 */
function bandsByForce(
  model: SubscriptionRiskModel & { timeZone: string; currency: string },
  reported: readonly ReportedChange[],
  { from, until }: { from: number; until: number },
): BandChange[] {
  const grid = new Set<number>();
  grid.add(from);
  for (let at = Math.ceil(from / day) * day; at <= until; at += day) grid.add(at);
  for (const time of reported.map(timeOf)) {
    for (let days = 0; days <= 70; days += 1) grid.add(time + days * day);
  }
  const changes: BandChange[] = [];
  let held: RiskBand | undefined;
  let since = Number.NEGATIVE_INFINITY;
  for (const at of [...grid].filter((one) => one >= from && one <= until).sort((a, b) => a - b)) {
    // A due date at the instant of an event is evaluated before the event.
    for (const known of [
      reported.filter((one) => timeOf(one) < at),
      reported.filter((one) => timeOf(one) <= at),
    ]) {
      const course = renewalTrajectory({ ...model, mode: 'SUBSCRIPTION' }, historyOf(known));
      if (!course) continue;
      const band = next(model.bands, held, {
        score: course.scoreAt(at),
        isNew: since < course.since,
      });
      if (band === held) continue;
      held = band;
      since = at;
      if (at > from) changes.push({ customer: reported[0]?.userId ?? '', at, to: band });
    }
  }
  return changes;
}

const billing = /^(subscription|payment|satisfaction) /i;

function historyOf(reported: readonly ReportedChange[]) {
  const events = reported.flatMap((one) =>
    toSubscriptionEvents({
      name: one.event.toLowerCase(),
      at: timeOf(one),
      properties: one.properties,
    }),
  );
  const activity = reported
    .filter((one) => !billing.test(one.event))
    .map((one) => ({ at: Math.floor(timeOf(one) / day) * day, count: 1 }));
  return { events, activity };
}

async function openMembers() {
  const past = realisticSubscribers(160, now);
  const workspace = await createClub(server, 160, past);
  await workspace.query('mutation { updateChurnSettings(mode: SUBSCRIPTION) { __typename } }');
  await fitRenewals(workspace);
  const { customers } = await workspace.query<{
    customers: { nodes: Array<{ userId: string; subscriptionRisk: { renewsAt: string } }> };
  }>(
    '{ customers(first: 100, where: { risk: { score: { below: 1 } } }) { nodes { userId subscriptionRisk { renewsAt } } } }',
  );
  const due = customers.nodes.map(({ userId, subscriptionRisk: { renewsAt } }) => {
    return [userId, Date.parse(renewsAt)] as const;
  });
  return { workspace, past, due: new Map(due.sort(([a], [b]) => (a < b ? -1 : 1))) };
}

async function modelOf({ id }: TestWorkspace): Promise<SubscriptionRiskModel> {
  const rows = await server.database.inWorkspace(id, async (db) => {
    return (
      await db.query<{ definition: SubscriptionRiskModel }>(sql`
        select definition from churn_model where workspace_id = ${id}`)
    ).rows;
  });
  return rows[0]?.definition as SubscriptionRiskModel;
}

it('logs the same band changes over 50 days as repeated assessment', async () => {
  const { workspace, past, due } = await openMembers();
  const model = { ...(await modelOf(workspace)), timeZone: 'UTC', currency: 'USD' };
  const events = future(due, 50).sort((a, b) => timeOf(a) - timeOf(b));
  const from = now + 60_000;
  const until = now + 50 * day;

  // Sent in order of time: a late event would be applied at the customer's current evaluation instant.
  for (const [at, reported] of Map.groupBy(events, timeOf)) {
    server.clock.now = new Date(at);
    await workspace.send(reported);
  }
  server.clock.now = new Date(until);
  await waitUntilNothingIsDue(server, workspace, until);

  const found = await bandChanges(workspace, from);
  const byCustomer = Map.groupBy([...past, ...events], ({ userId }) => userId);
  const expected = [...byCustomer]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([, reported]) => bandsByForce(model, reported, { from, until }));
  console.log(`${found.length} changes of band of ${byCustomer.size} subscribers.`);
  expect(found.length).toBeGreaterThan(50);
  expect(found).toEqual(expected);
});
