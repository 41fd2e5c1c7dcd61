import { describe, expect, it } from 'vitest';
import { factsOf, shuffled, splitRandomly } from '../../support/customer-facts.ts';
import { createRandom, type SeededRandom } from '../../support/random.ts';
import { newWorkspace, type TestWorkspace, useServer } from '../../support/server.ts';

const server = useServer();
const minute = 60_000;
const start = Date.UTC(2025, 0, 1);

const track = (event: string, properties: object = {}, more: object = {}) => ({
  type: 'track',
  userId: 'u1',
  event,
  properties,
  ...more,
});

const order = (properties: object, more: object = {}) => track('Order Completed', properties, more);

async function sendAndReadFacts(workspace: TestWorkspace, calls: object[]) {
  const { status, body } = await workspace.send(calls);
  expect({ status, refused: body.results?.find((r: { code?: string }) => r.code) }).toEqual({
    status: 200,
  });
  return factsOf(workspace, { userId: 'u1' });
}

describe('orders', () => {
  it.each([
    ['0.1 and 0.2', 'USD', [0.1, 0.2], '0.30 USD'],
    ['1.005, rounded half up', 'USD', [1.005], '1.01 USD'],
    ['8.165 as a string', 'USD', ['8.165'], '8.17 USD'],
    [
      'decimals that doubles cannot represent',
      'USD',
      [4.35, '1.10', 2.675, 69_999.99],
      '70008.12 USD',
    ],
    ['yen, without decimals', 'JPY', [100, 99.5, '0.4'], '200 JPY'],
    ['dinars, with three decimals', 'KWD', [1.2345, '0.001', 10], '11.236 KWD'],
    [
      'the largest amounts',
      'USD',
      [10_000_000_000_000, '10000000000000.00'],
      '20000000000000.00 USD',
    ],
  ])('sums %s exactly', async (_what, currency, totals, net) => {
    const workspace = await newWorkspace(server, { currency });

    const facts = await sendAndReadFacts(
      workspace,
      totals.map((total) => order({ total })),
    );

    expect([facts.orderCount, facts.netRevenue.formatted]).toEqual([totals.length, net]);
  });

  it('keeps other currencies separate without conversion', async () => {
    const workspace = await newWorkspace(server, { currency: 'EUR' });

    const facts = await sendAndReadFacts(workspace, [
      order({ total: 10 }),
      order({ total: 5, currency: 'eur' }),
      order({ total: 20.5, currency: 'USD' }),
      order({ total: 1000, currency: 'JPY' }),
      track('Order Refunded', { total: 0.5, currency: 'usd' }),
    ]);

    expect(facts).toMatchObject({
      orderCount: 4,
      netRevenue: { formatted: '15.00 EUR' },
      foreignRevenue: [
        { currency: 'JPY', net: { formatted: '1000 JPY' } },
        { currency: 'USD', net: { formatted: '20.00 USD' }, refunded: { amount: '50' } },
      ],
    });
  });

  it('uses revenue, or total less tax and shipping if there is no revenue', async () => {
    const workspace = await newWorkspace(server);

    const facts = await sendAndReadFacts(workspace, [
      order({ revenue: 3 }),
      order({ revenue: 1, total: 4, products: [{ price: 7 }] }),
      order({ total: 10, tax: 2, shipping: 1.5 }),
    ]);

    expect(facts.netRevenue.amount).toBe('1050');
  });

  it('subtracts a refund from revenue and keeps the order count', async () => {
    const workspace = await newWorkspace(server);

    const facts = await sendAndReadFacts(workspace, [
      order({ total: 10 }),
      track('Order Refunded', { total: 12.5 }),
    ]);

    expect(facts).toMatchObject({
      orderCount: 1,
      grossRevenue: { amount: '1000' },
      refunded: { amount: '1250' },
      netRevenue: { amount: '-250', formatted: '-2.50 USD' },
      stage: { stage: { key: 'CONVERSION' } },
    });
  });

  it('counts an order of amount 0, or of no amount, as an order', async () => {
    const workspace = await newWorkspace(server);

    const facts = await sendAndReadFacts(workspace, [
      order({ total: 0 }),
      order({ total: '0.00' }),
      order({}),
    ]);

    expect(facts).toMatchObject({
      orderCount: 3,
      netRevenue: { amount: '0' },
      stage: { stage: { key: 'RETENTION' } },
    });
  });
});

describe('activity', () => {
  const view = (minutes: number, type = 'page') => ({
    type,
    userId: 'u1',
    timestamp: new Date(start + minutes * minute).toISOString(),
  });

  it.each([
    ['no pause longer than 30 minutes', [0, 30, 60], 1],
    ['a pause of more than 30 minutes', [0, 30.001, 31], 2],
    ['views out of order', [60, 0, 30], 1],
    ['a view that joins two sessions', [0, 50, 25], 1],
    ['a view that does not join two sessions', [0, 70, 35], 3],
    ['views at the same instant', [5, 5, 5], 1],
  ])('counts sessions: %s', async (_what, minutes, sessions) => {
    const workspace = await newWorkspace(server);

    for (const at of minutes)
      await sendAndReadFacts(workspace, [view(at, at % 2 ? 'screen' : 'page')]);

    expect((await factsOf(workspace, { userId: 'u1' })).sessionCount).toBe(sessions);
  });

  it("counts days in the workspace's time zone", async () => {
    const instants = ['2026-01-09T10:59:59.999Z', '2026-01-09T11:00:00Z', '2026-01-09T23:30:00Z'];
    const calls = instants.map((timestamp) => track('Tried', {}, { timestamp }));
    const auckland = await newWorkspace(server, { timeZone: 'Pacific/Auckland' });
    const anywhere = await newWorkspace(server);

    const days = [
      await sendAndReadFacts(auckland, calls),
      await sendAndReadFacts(anywhere, calls),
    ].map(({ activeDays }) => activeDays);
    const day = await sendAndReadFacts(auckland, [
      track('Tried', {}, { timestamp: '2026-01-10T10:59:00Z' }),
    ]);

    expect(days).toEqual([2, 1]);
    expect(day.activeDays).toBe(2);
  });

  it('stores unknown events and counts them only as activity', async () => {
    const workspace = await newWorkspace(server);

    const facts = await sendAndReadFacts(workspace, [
      track('Order Completed Twice', { total: 1 }),
      track('Order Updated', { total: 1 }, { timestamp: '2026-01-01T00:00:00Z' }),
    ]);

    expect(facts).toMatchObject({ eventCount: 2, activeDays: 2, orderCount: 0, sessionCount: 0 });
    expect(facts.firstSeenAt).toBe('2026-01-01T00:00:00.000Z');
  });

  it('dates a lead by its first capture or sign-up, whichever is earlier', async () => {
    const workspace = await newWorkspace(server);
    const on = (day: string) => ({ timestamp: `2026-01-${day}T00:00:00Z` });

    const facts = await sendAndReadFacts(workspace, [
      track('Lead Captured', {}, on('05')),
      track('Signed Up', {}, on('04')),
      track('lead captured', {}, on('07')),
      track('Signed Up', {}, on('08')),
    ]);

    expect([facts.leadAt, facts.signedUpAt]).toEqual([
      '2026-01-04T00:00:00.000Z',
      '2026-01-04T00:00:00.000Z',
    ]);
  });

  it('tracks a subscription from start to renewals, cancellation and restart', async () => {
    const workspace = await newWorkspace(server);
    const on = (day: string) => ({ timestamp: `2026-01-${day}T00:00:00Z` });

    const before = await sendAndReadFacts(workspace, [track('Tried')]);
    const running = await sendAndReadFacts(workspace, [
      track('Subscription Started', {}, on('01')),
      track('Subscription Renewed', {}, on('05')),
      track('Subscription Renewed', {}, on('03')),
    ]);
    const ended = await sendAndReadFacts(workspace, [
      track('Subscription Cancelled', {}, on('06')),
    ]);
    const back = await sendAndReadFacts(workspace, [track('Subscription Started', {}, on('07'))]);

    expect(before.subscription).toBeNull();
    expect(running.subscription).toEqual({
      active: true,
      startedAt: '2026-01-01T00:00:00.000Z',
      renewals: 2,
      renewedAt: '2026-01-05T00:00:00.000Z',
      cancelledAt: null,
    });
    expect(ended.subscription).toMatchObject({ active: false, renewals: 2 });
    expect(back.subscription).toMatchObject({
      active: true,
      startedAt: '2026-01-07T00:00:00.000Z',
    });
  });
});

const names = [
  'Order Completed',
  'Order Refunded',
  'Signed Up',
  'Lead Captured',
  'Subscription Started',
  'Subscription Renewed',
  'Subscription Cancelled',
  'Tried',
];

function randomCall(random: SeededRandom, n: number) {
  const timestamp = new Date(start + random.between(0, 6 * 24 * 60) * minute).toISOString();
  const currency = ['USD', 'EUR', 'JPY'][random.between(0, 2)];
  const total = random.between(0, 99_999) / 100;
  const event = names[random.between(0, names.length * 2)];
  const messageId = `m${n}`;
  if (event) return track(event, { total, currency }, { timestamp, messageId });
  return { type: random.between(0, 1) ? 'page' : 'screen', userId: 'u1', timestamp, messageId };
}

it.each([1, 2, 3])(
  'computes the same facts for every order and division into batches (%i)',
  async (seed) => {
    const random = createRandom(seed);
    const calls = Array.from({ length: 150 }, (_, n) => randomCall(random, n));
    const timeZone = 'America/Sao_Paulo';

    const outcomes = [];
    for (const arrival of [calls, shuffled(calls, random), shuffled(calls, random)]) {
      const workspace = await newWorkspace(server, { timeZone });
      for (const batch of splitRandomly(arrival, 20, random)) await workspace.send(batch);
      outcomes.push(await factsOf(workspace, { userId: 'u1' }));
    }

    const [first, ...others] = outcomes;
    const views = calls.flatMap((call) =>
      'timestamp' in call && call.type !== 'track' ? [Date.parse(call.timestamp)] : [],
    );
    const sessions = views
      .toSorted((a, b) => a - b)
      .filter((at, index, all) => {
        const previous = all[index - 1];
        return previous === undefined || at - previous > 30 * minute;
      });
    expect(first).toMatchObject({ eventCount: 150, sessionCount: sessions.length });
    expect(others).toEqual([first, first]);
  },
);
