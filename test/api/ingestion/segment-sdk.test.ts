import { Analytics } from '@segment/analytics-node';
import { expect, it } from 'vitest';
import { msPerDay } from '../../../src/platform/time/ms-per-day.ts';
import { storedEvents } from '../../support/inspect.ts';
import { newWorkspace, type TestWorkspace, useServer } from '../../support/server.ts';

const server = useServer();

/** The SDK, configured as its readme documents: with a key and a host. */
function newAnalytics(workspace: TestWorkspace) {
  const failures: unknown[] = [];
  const posted: string[] = [];
  const analytics = new Analytics({ writeKey: workspace.key, host: server.url, maxRetries: 0 });
  analytics.on('error', (error) => failures.push(error));
  analytics.on('http_request', ({ url }) => posted.push(new URL(url).pathname));
  return { analytics, failures, posted };
}

it('accepts the calls of an unmodified SDK that is configured with another host', async () => {
  const workspace = await newWorkspace(server);
  const { analytics, failures, posted } = newAnalytics(workspace);
  const order = { event: 'Order Completed', properties: { order_id: 'o1', total: 19.99 } };

  analytics.page({ anonymousId: 'visitor', name: 'Home' });
  analytics.screen({ anonymousId: 'visitor', name: 'Cart' });
  analytics.identify({
    userId: 'ada',
    anonymousId: 'visitor',
    traits: { name: 'Ada', email: 'ada@example.com' },
  });
  analytics.group({ userId: 'ada', groupId: 'acme', traits: { name: 'Acme' } });
  analytics.track({ userId: 'ada', ...order });
  analytics.track({ userId: 'ada', event: 'Order Refunded', properties: { total: '5.00' } });
  analytics.track({ anonymousId: 'old visitor', event: 'Tried' });
  analytics.alias({ userId: 'ada', previousId: 'old visitor' });
  await analytics.closeAndFlush();

  const { customers, customer } = await workspace.query(
    `{ customers { totalCount }
       customer(by: { anonymousId: "old visitor" }) {
         userId name email orderCount sessionCount eventCount netRevenue { formatted }
         stage { stage { key } } identities { kind value }
       } }`,
  );
  expect(failures).toEqual([]);
  expect(new Set(posted)).toEqual(new Set(['/v1/batch']));
  expect(customers).toEqual({ totalCount: 1 });
  expect(customer).toEqual({
    userId: 'ada',
    name: 'Ada',
    email: 'ada@example.com',
    orderCount: 1,
    sessionCount: 1,
    eventCount: 8,
    netRevenue: { formatted: '14.99 USD' },
    stage: { stage: { key: 'CONVERSION' } },
    identities: [
      { kind: 'anonymous_id', value: 'old visitor' },
      { kind: 'anonymous_id', value: 'visitor' },
      { kind: 'email', value: 'ada@example.com' },
      { kind: 'user_id', value: 'ada' },
    ],
  });
});

it("stores everything that the SDK counts as delivered, in the SDK's own batches", async () => {
  const workspace = await newWorkspace(server);
  const { analytics, failures } = newAnalytics(workspace);
  const delivered: string[] = [];

  for (let index = 0; index < 100; index += 1) {
    const timestamp = new Date(Date.UTC(2020, 0, 1) + index * msPerDay);
    analytics.track({ userId: `u${index % 7}`, event: `Event ${index}`, timestamp }, (_, context) =>
      delivered.push(String(context?.event.messageId)),
    );
  }
  await analytics.closeAndFlush();

  const events = await storedEvents(server, workspace);
  expect(failures).toEqual([]);
  expect(delivered).toHaveLength(100);
  expect(events.map(({ messageId }) => messageId).toSorted()).toEqual(delivered.toSorted());
  expect(new Map(events.map(({ name, occurredAt }) => [name, occurredAt])).get('Event 99')).toEqual(
    new Date(Date.UTC(2020, 0, 100)),
  );
});

it('reports an invalid key to the SDK', async () => {
  const workspace = await newWorkspace(server, { scopes: ['read'] });
  const { analytics, failures } = newAnalytics(workspace);

  analytics.track({ userId: 'ada', event: 'Tried' });
  await analytics.closeAndFlush();

  expect(failures).toHaveLength(1);
  expect(await storedEvents(server, workspace)).toEqual([]);
});
