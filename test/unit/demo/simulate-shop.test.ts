import { expect, it } from 'vitest';
import { createSeededRandom } from '../../../src/entrypoints/demo/random-variates.ts';
import {
  type ShopOptions,
  simulateShop,
  type TimedCall,
} from '../../../src/entrypoints/demo/simulate-shop.ts';

const startedAt = new Date('2026-01-05T12:00:00Z');

function take(count: number, options: Partial<ShopOptions> = {}) {
  const random = createSeededRandom(7);
  const shop = simulateShop({ random, eventsPerSecond: 3, startedAt, ...options });
  return Array.from({ length: count }, (): TimedCall => shop.next().value);
}

/** Properties and traits are open records: the type does not know their names. */
const valueIn = (record: Record<string, unknown> | undefined, name: string) => record?.[name];

const named = (timed: TimedCall[], event: string) =>
  timed.map(({ call }) => call).filter((call) => call.event === event);

const seconds = (timed: TimedCall[]) => timed.reduce((sum, { delay }) => sum + delay, 0) / 1000;

it('generates the same calls for the same seed and other calls for another seed', () => {
  expect(take(500)).toEqual(take(500));
  expect(take(500, { random: createSeededRandom(8) })).not.toEqual(take(500));
});

it('generates ids of messages, customers and orders, and addresses, that are unique over all runs', () => {
  const ids = (options: Partial<ShopOptions>) =>
    take(3000, options).flatMap(({ call }) => [
      call.messageId,
      call.userId,
      call.anonymousId,
      valueIn(call.properties, 'order_id'),
      valueIn(call.traits, 'email'),
    ]);
  const first = new Set(ids({}).filter(Boolean));

  const second = ids({ startedAt: new Date(startedAt.getTime() + 1000) });

  expect(second.filter((id) => first.has(id))).toEqual([]);
  const messages = take(3000).map(({ call }) => call.messageId);
  expect(new Set(messages).size).toBe(3000);
});

it('keeps the requested rate of events', () => {
  const timed = take(120_000, { eventsPerSecond: 5 });

  for (const part of [timed.slice(0, 1000), timed.slice(1000, 20_000), timed.slice(20_000)]) {
    expect(part.length / seconds(part)).toBeGreaterThan(4.25);
    expect(part.length / seconds(part)).toBeLessThan(5.75);
  }
  expect(timed.every(({ delay }) => delay >= 0)).toBe(true);
});

it('generates the calls of a visitor in order: pages, identification, orders', () => {
  const timed = take(3000);

  const buyer = named(timed, 'Order Completed')[0]?.anonymousId;
  const visitorCalls = timed.filter(({ call }) => call.anonymousId === buyer).slice(0, 6);
  expect(visitorCalls.map(({ call }) => call.event ?? call.type)).toEqual([
    'page',
    'page',
    'page',
    'identify',
    'Signed Up',
    'Order Completed',
  ]);
  expect(visitorCalls[0]?.call).not.toHaveProperty('userId');
  expect(visitorCalls[3]?.call.traits).toMatchObject({
    email: expect.stringMatching(/@example\.com$/),
  });
});

it('generates orders whose products add up to the total, and few refunds', () => {
  const timed = take(30_000);
  const orders = named(timed, 'Order Completed');

  for (const { properties } of orders) {
    const products = valueIn(properties, 'products') as Array<{ price: number; quantity: number }>;
    const sum = products.reduce((cents, { price }) => cents + Math.round(price * 100), 0);
    expect(sum).toBe(Math.round(Number(valueIn(properties, 'total')) * 100));
    expect(sum).toBeGreaterThanOrEqual(100);
  }
  const refunds = named(timed, 'Order Refunded');
  expect(refunds.length / orders.length).toBeGreaterThan(0.01);
  expect(refunds.length / orders.length).toBeLessThan(0.03);
  const sold = new Set(orders.map((call) => valueIn(call.properties, 'order_id')));
  expect(refunds.every((call) => sold.has(valueIn(call.properties, 'order_id')))).toBe(true);
});

it('simulates visitors without orders and customers with one, some and many orders', () => {
  const timed = take(30_000);
  const counts = new Map<string, number>();
  for (const { userId = '' } of named(timed, 'Order Completed')) {
    counts.set(userId, (counts.get(userId) ?? 0) + 1);
  }
  const between = (low: number, high: number) =>
    [...counts.values()].filter((count) => count >= low && count <= high).length;

  expect(between(1, 1)).toBeGreaterThan(100);
  expect(between(2, 4)).toBeGreaterThan(50);
  expect(between(5, 1000)).toBeGreaterThan(20);
  expect(named(timed, 'Signed Up').length).toBeGreaterThan(counts.size);
});

it('generates first orders within seconds and repeat orders within minutes', () => {
  const timed = take(1000);
  const orders = named(timed, 'Order Completed');
  const at = (call: (typeof orders)[number] | undefined) =>
    Date.parse(call?.timestamp ?? '') - startedAt.getTime();
  const seen = new Set<string>();
  const repeated = orders.find(({ userId = '' }) => seen.has(userId) || !seen.add(userId));

  expect(at(orders[0])).toBeLessThan(30_000);
  expect(at(repeated)).toBeLessThan(180_000);
});

it('matches the purchase model over the whole simulation', () => {
  // A cohort simulated for all of its 78 weeks: 78 seconds here.
  const timed = take(150_000, { secondsPerWeek: 1, eventsPerSecond: 100 });
  const span = seconds(timed);
  const counts = new Map<string, { first: number; orders: number }>();
  for (const { userId = '', timestamp = '' } of named(timed, 'Order Completed')) {
    const first = (Date.parse(timestamp) - startedAt.getTime()) / 1000;
    const known = counts.get(userId) ?? { first, orders: 0 };
    counts.set(userId, { ...known, orders: known.orders + 1 });
  }
  const cohort = [...counts.values()].filter(({ first }) => first < span - 110);
  const repeats = cohort.reduce((sum, { orders }) => sum + orders - 1, 0) / cohort.length;

  expect(cohort.length).toBeGreaterThan(5000);
  expect(repeats / 1.858).toBeGreaterThan(0.9);
  expect(repeats / 1.858).toBeLessThan(1.1);
});

it('never simulates more customers than the maximum', () => {
  const latest = new Map<string, number>();
  const maxCustomers = 40;
  const timed = take(50_000, { maxCustomers, secondsPerWeek: 5 });
  timed.forEach(({ call }, index) => {
    if (call.event === 'Order Completed') latest.set(call.userId ?? '', index);
  });
  const firsts = new Map<string, number>();
  timed.forEach(({ call }, index) => {
    if (call.userId && !firsts.has(call.userId)) firsts.set(call.userId, index);
  });

  // Customers simulated at an instant: those who had signed up by then and bought again later.
  const moments = Array.from({ length: 40 }, (_, step) => step * 1250);
  const followed = moments.map(
    (moment) =>
      [...latest].filter(([id, last]) => last >= moment && (firsts.get(id) ?? 0) < moment).length,
  );
  expect(Math.max(...followed)).toBeLessThanOrEqual(maxCustomers);
  expect(Math.max(...followed)).toBeGreaterThan(maxCustomers / 4);
});
