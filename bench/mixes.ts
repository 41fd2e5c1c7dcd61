import { msPerDay } from '../src/platform/time/ms-per-day.ts';
import type { BenchOrder } from './orders.ts';
import { createUniform } from './uniform.ts';

/** A tracking call as a client sends it. */
export interface BenchCall {
  type: 'page' | 'identify' | 'track';
  messageId: string;
  timestamp: string;
  event?: string;
  name?: string;
  userId?: string;
  anonymousId?: string;
  properties?: Record<string, unknown>;
  traits?: Record<string, unknown>;
  context?: Record<string, unknown>;
}

export interface Mix {
  name: string;
  calls: BenchCall[];
  batchSize: number;
}

/** The calls of an import of the log, each order with an id of its own on request. */
export const ordersMix = (orders: readonly BenchOrder[], { withIds = false } = {}): Mix => ({
  name: withIds ? 'orders by customer, with ids' : 'orders by customer',
  batchSize: 1_000,
  calls: orders.map(({ customer, date, quantity, amount }, index) => ({
    type: 'track',
    event: 'Order Completed',
    userId: customer,
    messageId: `orders-${index}`,
    timestamp: `${date.slice(0, 4)}-${date.slice(4, 6)}-${date.slice(6)}T00:00:00.000Z`,
    properties: {
      ...{ total: Number(amount), currency: 'USD', quantity },
      ...(withIds && { order_id: `order-${index}` }),
    },
  })),
});

const day = Date.UTC(2025, 2, 3);
const visitors = 5_000;
const paths = ['/', '/search', '/basket', '/account', ...products('/product')];

/**
 * One day of a shop: visits of a few minutes, in order of time. A visitor is identified during a visit. The share
 * `secondDevice` of the customers returns with a new anonymous id and signs in, which causes a merge.
 */
export function mixedDay(count: number, secondDevice: number): Mix {
  const random = createUniform(2);
  const calls: BenchCall[] = [];
  while (calls.length < count) calls.push(...visit(random, secondDevice));
  const inOrder = calls
    .slice(0, count)
    .toSorted((a, b) => (a.timestamp < b.timestamp ? -1 : a.timestamp > b.timestamp ? 1 : 0));
  const name = secondDevice > 0 ? 'mixed day with merges' : 'mixed day';
  return { name, batchSize: 500, calls: inOrder };
}

function visit(random: () => number, secondDevice: number): BenchCall[] {
  const number = Math.floor(random() * visitors);
  const device = random() < secondDevice ? 'tablet' : 'phone';
  const who = { anonymousId: `${device}-${number}` };
  const user = { ...who, userId: `user-${number}` };
  let at = day + Math.floor(random() * msPerDay);
  const stamp = () => {
    at += 2_000 + Math.floor(random() * 90_000);
    return {
      messageId: `day-${number}-${at}-${Math.floor(random() * 1e9)}`,
      timestamp: new Date(at).toISOString(),
    };
  };
  const page = (names: object): BenchCall => {
    const path = paths[Math.floor(random() * paths.length)] ?? '/';
    return { type: 'page', name: path, ...names, ...stamp(), properties: { path }, context };
  };
  const track = (event: string, properties: object): BenchCall => ({
    type: 'track',
    event,
    ...user,
    ...stamp(),
    properties: { ...properties },
    context,
  });
  const sku = `SKU-${Math.floor(random() * 900)}`;
  const price = Number((5 + random() * 95).toFixed(2));
  const views = Array.from({ length: 2 + Math.floor(random() * 4) }, () => page(who));
  if (random() < 0.35) return views;
  const traits = { email: `user-${number}@example.com`, name: `Customer ${number}`, plan: 'free' };
  views.push({ type: 'identify', ...user, ...stamp(), traits, context }, page(user));
  views.push(track('Product Viewed', { sku, price }), track('Product Added', { sku, price }));
  if (random() < 0.4) {
    const order = { order_id: `order-${number}-${at}`, total: price, currency: 'USD' };
    views.push(track('Order Completed', { ...order, products: [{ sku, price, quantity: 1 }] }));
  }
  return views;
}

function products(folder: string) {
  return Array.from({ length: 20 }, (_, index) => `${folder}/${index}`);
}

/** Approximates the context that a browser SDK sends with every call. */
const context = {
  library: { name: 'analytics.js', version: '2.11.1' },
  locale: 'en-GB',
  ip: '203.0.113.7',
  userAgent: 'Mozilla/5.0 (X11; Linux x64; rv:130.0) Gecko/20100101 Firefox/130.0',
  page: { title: 'A shop', url: 'https://shop.example.com/', referrer: '' },
};
