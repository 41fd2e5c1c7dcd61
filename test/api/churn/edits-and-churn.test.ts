import { expect, it } from 'vitest';
import { countEvents } from '../../../src/domains/churn/count-events.ts';
import { loadHistories } from '../../../src/domains/churn/load-histories.ts';
import { loadOutcomes } from '../../../src/domains/churn/load-outcomes.ts';
import { loadSubscriptions } from '../../../src/domains/churn/load-subscriptions.ts';
import { addTag, readCustomer, setConsent, updateCustomer } from '../../support/edits.ts';
import { newWorkspace, useServer } from '../../support/server.ts';

const server = useServer();
const edited = new Date('2026-02-01T12:00:00Z');
const until = new Date('2026-03-01T12:00:00Z');

const calls = [
  { event: 'Subscription Started', properties: { period: 'P1M' }, on: '2026-01-01' },
  { event: 'Report Opened', on: '2026-01-02' },
  { event: 'Report Opened', on: '2026-01-09' },
].map(({ on, ...call }) => ({
  ...{ type: 'track', userId: 'ada', timestamp: `${on}T12:00:00.000Z` },
  ...call,
}));

it('gives churn models the same histories before and after edits by hand', async () => {
  server.clock.now = edited;
  const workspace = await newWorkspace(server);
  await workspace.send(calls);
  const activity = 'ANY_ACTIVITY';
  const load = () =>
    server.database.inWorkspace(workspace.id, async (db) => ({
      events: await countEvents(db),
      histories: await loadHistories(db, { activity, timeZone: 'UTC', now: until }),
      outcomes: await loadOutcomes(db, { activity, from: '2026-01-15', horizonDays: 30 }),
      subscriptions: await loadSubscriptions(db, { until }),
    }));
  const before = await load();

  const { id } = await readCustomer(workspace, { userId: 'ada' });
  await addTag(workspace, id, 'vip');
  await setConsent(workspace, { customer: id, purpose: 'ads', granted: true });
  await updateCustomer(workspace, { customer: id, name: 'Ada' });

  expect(before).toMatchObject({ events: 3, outcomes: [{ x: 2, actualDays: 0 }] });
  expect(before.subscriptions[0]?.activity).toHaveLength(2);
  expect(await load()).toEqual(before);
});
