import { msPerDay } from '../../src/platform/time/ms-per-day.ts';
import { newWorkspace, type TestServer, type TestWorkspace } from './server.ts';

export const day = msPerDay;
export const begin = Date.UTC(2025, 0, 1);

/** Deterministic pseudo-random numbers (Park & Miller 1988). */
function createRandom(seed: number) {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

export const order = (userId: string, at: number, total: number) => ({
  type: 'track',
  event: 'Order Completed',
  userId,
  messageId: `${userId}-${at}`,
  timestamp: new Date(at).toISOString(),
  properties: { total, currency: 'USD' },
});

export type ShopOrder = ReturnType<typeof order>;

/** Customers with individual purchase rates and drop-out probabilities. */
export function shop(customers: number, seed = 7): ShopOrder[] {
  const random = createRandom(seed);
  return Array.from({ length: customers }, (_, index) => {
    const gap = 10 + 60 * random();
    const leaving = 0.05 + 0.5 * random();
    const orders = [];
    let at = begin + Math.floor(250 * random()) * day;
    while (at < begin + 500 * day) {
      orders.push(order(`c${index}`, at, 10 + Math.floor(50 * random())));
      if (random() < leaving) break;
      at += Math.ceil(-gap * Math.log(random())) * day;
    }
    return orders;
  }).flat();
}

export async function sendAll(workspace: TestWorkspace, orders: readonly object[]) {
  for (let from = 0; from < orders.length; from += 500) {
    const { status, body } = await workspace.send(orders.slice(from, from + 500));
    if (status !== 200) throw new Error(JSON.stringify(body));
  }
}

/** Creates a workspace with the shop's orders and sets the clock to a day after all of them. */
export async function createShopWorkspace(server: TestServer, customers: number) {
  server.clock.now = new Date('2026-06-01T00:00:00Z');
  const workspace = await newWorkspace(server);
  const orders = shop(customers);
  await sendAll(workspace, orders);
  return { workspace, orders };
}
