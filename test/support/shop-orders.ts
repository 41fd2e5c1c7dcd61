import type { SeededRandom } from './random.ts';

/** A tracking call and its expected effect on its customer. */
export interface ShopCall {
  type: 'track' | 'page' | 'identify';
  messageId: string;
  userId: string;
  timestamp: string;
  event?: string;
  name?: string;
  traits?: object;
  properties?: { total: number; order_id: string };
}

/** The expected state of a customer after its calls were applied exactly once. */
export interface ExpectedCustomer {
  events: number;
  orders: number;
  /** In minor units. */
  revenue: number;
  /** The stages in the order of the moves. */
  stages: string[];
}

const startOfHistory = Date.UTC(2020, 0, 1);

/** Generates the calls of a shop's customers, each with a later time than the one before. */
export function createShop(name: string, customers: number, random: SeededRandom) {
  let made = 0;

  function call(): ShopCall {
    made += 1;
    const common = {
      messageId: `${name}-${made}`,
      userId: `${name}-customer-${random.between(1, customers)}`,
      timestamp: new Date(startOfHistory + made * 1_000).toISOString(),
    };
    const kind = random.next();
    if (kind < 0.25) {
      const total = random.between(0, 20_000) / 100;
      const properties = { total, order_id: `${name}-${made}` };
      return { ...common, type: 'track', event: 'Order Completed', properties };
    }
    if (kind < 0.35) return { ...common, type: 'identify', traits: { visits: made } };
    if (kind < 0.6) return { ...common, type: 'page', name: 'Home' };
    return { ...common, type: 'track', event: 'Product Viewed' };
  }

  return { batch: (size: number) => Array.from({ length: size }, call) };
}

const stageOf = (orders: number) =>
  orders >= 5 ? 'LOYALTY' : orders >= 2 ? 'RETENTION' : orders === 1 ? 'CONVERSION' : 'ACQUISITION';

/** The expected result of these calls in this order, computed in the simplest way. */
export function expectedCustomers(calls: Iterable<ShopCall>): Map<string, ExpectedCustomer> {
  const expected = new Map<string, ExpectedCustomer>();
  for (const { userId, event, properties } of calls) {
    const customer = expected.get(userId) ?? { events: 0, orders: 0, revenue: 0, stages: [] };
    expected.set(userId, customer);
    customer.events += 1;
    if (event === 'Order Completed') {
      customer.orders += 1;
      customer.revenue += Math.round((properties?.total ?? 0) * 100);
    }
    const stage = stageOf(customer.orders);
    if (customer.stages.at(-1) !== stage) customer.stages.push(stage);
  }
  return expected;
}
