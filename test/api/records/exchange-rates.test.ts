import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { splitRandomly } from '../../support/customer-facts.ts';
import { createRandom } from '../../support/random.ts';
import { newWorkspace, type TestWorkspace, useServer } from '../../support/server.ts';

const server = useServer();

const at = (date: string) => new Date(`${date}T12:00:00.000Z`);

const order = (date: string, total: unknown, more: Record<string, unknown> = {}) => ({
  type: 'track',
  event: 'Order Completed',
  userId: 'u1',
  timestamp: at(date).toISOString(),
  properties: { total, ...more },
});
const refund = (date: string, more: Record<string, unknown>) => ({
  ...order(date, undefined, more),
  event: 'Order Refunded',
});

interface Rate {
  currency: string;
  effectiveOn: string;
  rate: string;
}

const rate = (currency: string, effectiveOn: string, text: string): Rate => ({
  currency,
  effectiveOn,
  rate: text,
});

async function setRates(workspace: TestWorkspace, ...rates: Rate[]) {
  const { setExchangeRates } = await workspace.query<{ setExchangeRates: object }>(
    `mutation ($rates: [ExchangeRateInput!]!) { setExchangeRates(rates: $rates) {
      ... on SetExchangeRatesPayload { added } ... on Refusal { code message } } }`,
    { rates },
  );
  return setExchangeRates;
}

interface Converted {
  gross: { decimal: string; currency: string } | null;
  refunded: { decimal: string } | null;
  net: { decimal: string } | null;
  missingRates: string[];
}

async function convertedOf(workspace: TestWorkspace, userId = 'u1'): Promise<Converted> {
  const { customer } = await workspace.query<{ customer: { convertedRevenue: Converted } }>(
    `query ($userId: String!) { customer(by: { userId: $userId }) { convertedRevenue {
      gross { decimal currency } refunded { decimal } net { decimal } missingRates } } }`,
    { userId },
  );
  return customer.convertedRevenue;
}

async function createShop(currency = 'EUR', timeZone = 'UTC') {
  server.clock.now = at('2026-06-01');
  return newWorkspace(server, { currency, timeZone });
}

const netOf = async (workspace: TestWorkspace) => (await convertedOf(workspace)).net?.decimal;

describe('converted revenue', () => {
  it("adds orders in other currencies at the rate of each order's day", async () => {
    const workspace = await createShop();
    await workspace.send([
      order('2026-01-01', 100),
      order('2026-01-15', 100, { currency: 'USD' }),
      order('2026-02-15', '100.00', { currency: 'USD' }),
    ]);

    const result = await setRates(
      workspace,
      rate('USD', '2026-01-01', '0.5'),
      rate('usd', '2026-02-15', '0.9214'),
    );

    expect(result).toEqual({ added: 2 });
    expect(await convertedOf(workspace)).toEqual({
      gross: { decimal: '242.14', currency: 'EUR' },
      refunded: { decimal: '0.00' },
      net: { decimal: '242.14' },
      missingRates: [],
    });
  });

  it('is null with the currencies whose rates are missing, and never a part of the sum', async () => {
    const workspace = await createShop();
    await workspace.send([
      order('2026-01-01', 100),
      order('2026-01-15', 100, { currency: 'USD' }),
      order('2026-01-15', 100, { currency: 'JPY' }),
    ]);
    await setRates(workspace, rate('USD', '2026-01-16', '0.5'), rate('JPY', '2026-01-01', '0.005'));

    expect(await convertedOf(workspace)).toEqual({
      gross: null,
      refunded: null,
      net: null,
      missingRates: ['USD'],
    });
  });

  it('is zero without orders', async () => {
    const workspace = await createShop();
    await workspace.send([{ type: 'page', userId: 'u1' }]);

    expect(await convertedOf(workspace)).toMatchObject({
      net: { decimal: '0.00' },
      missingRates: [],
    });
  });

  it('converts a refund at the rate of its order, so that a full refund leaves nothing', async () => {
    const workspace = await createShop();
    await setRates(workspace, rate('USD', '2026-01-01', '0.333'), rate('USD', '2026-02-01', '2'));

    await workspace.send([
      order('2026-01-15', 100.01, { currency: 'USD', order_id: 'A-1' }),
      refund('2026-02-15', { order_id: 'A-1' }),
    ]);

    expect(await convertedOf(workspace)).toMatchObject({
      gross: { decimal: '33.30' },
      refunded: { decimal: '33.30' },
      net: { decimal: '0.00' },
    });
  });

  it.each([
    ['JPY', 'EUR', 1_000, '0.0061', '6.10'],
    ['KWD', 'EUR', '1.005', '3', '3.02'],
    ['USD', 'JPY', '0.99', '150.5', '149'],
    ['USD', 'KWD', 10, '0.30815', '3.082'],
  ])('converts minor units of %s into those of %s', async (from, to, total, text, net) => {
    const workspace = await createShop(to);
    await setRates(workspace, rate(from, '2026-01-01', text));

    await workspace.send([order('2026-01-15', total, { currency: from })]);

    expect(await netOf(workspace)).toBe(net);
  });

  it('takes the day in the time zone of the workspace', async () => {
    const workspace = await createShop('EUR', 'Pacific/Kiritimati');
    await setRates(workspace, rate('USD', '2026-01-15', '1'), rate('USD', '2026-01-16', '2'));

    await workspace.send([order('2026-01-15', 1, { currency: 'USD' })]);

    expect(await netOf(workspace)).toBe('2.00');
  });

  it('applies the rate that was set last for a day, and keeps the earlier one', async () => {
    const workspace = await createShop();
    await workspace.send([order('2026-01-15', 1, { currency: 'USD' })]);
    await setRates(workspace, rate('USD', '2026-01-15', '0.90'));
    server.clock.now = at('2026-06-02');

    const results = [
      await setRates(workspace, rate('USD', '2026-01-15', '0.9')),
      await setRates(workspace, rate('USD', '2026-01-15', '0.8'), rate('USD', '2026-01-01', '5')),
    ];

    expect(results).toEqual([{ added: 0 }, { added: 2 }]);
    expect(await netOf(workspace)).toBe('0.80');
    const { exchangeRates } = await workspace.query<{ exchangeRates: { nodes: object[] } }>(
      '{ exchangeRates { nodes { currency effectiveOn knownAt rate } } }',
    );
    const known = (date: string, effectiveOn: string, text: string) => ({
      ...rate('USD', effectiveOn, text),
      knownAt: at(date).toISOString(),
    });
    expect(exchangeRates.nodes).toEqual([
      known('2026-06-02', '2026-01-15', '0.8'),
      known('2026-06-01', '2026-01-15', '0.9'),
      known('2026-06-02', '2026-01-01', '5'),
    ]);
  });

  it('includes the orders of merged customers', async () => {
    const workspace = await createShop();
    await setRates(workspace, rate('USD', '2026-01-01', '0.5'));
    const anonymous = { userId: undefined, anonymousId: 'v1' };
    await workspace.send([
      { ...order('2026-01-15', 10, { currency: 'USD' }), ...anonymous },
      order('2026-01-15', 20, { currency: 'USD' }),
      { type: 'identify', userId: 'u1', anonymousId: 'v1' },
    ]);

    expect(await netOf(workspace)).toBe('15.00');
  });
});

it('lists the rates in pages', async () => {
  const workspace = await createShop();
  const days = ['2026-01-01', '2026-01-02', '2026-01-03'];
  await setRates(
    workspace,
    ...days.flatMap((day) => [rate('USD', day, '1'), rate('JPY', day, '2')]),
  );

  const seen: string[] = [];
  let after: string | null = null;
  do {
    const { exchangeRates }: Page = await workspace.query(pageQuery, { after });
    seen.push(...exchangeRates.nodes.map((one) => `${one.effectiveOn} ${one.currency}`));
    after = exchangeRates.pageInfo.hasNextPage ? exchangeRates.pageInfo.endCursor : null;
  } while (after !== null);

  expect(seen).toEqual(days.flatMap((day) => [`${day} JPY`, `${day} USD`]).reverse());
});

interface Page {
  exchangeRates: { nodes: Rate[]; pageInfo: { endCursor: string; hasNextPage: boolean } };
}

const pageQuery = `query ($after: String) { exchangeRates(first: 4, after: $after) {
  nodes { currency effectiveOn } pageInfo { endCursor hasNextPage } } }`;

it.each([
  [[], 'Set 1 to 1000 rates'],
  [[rate('EUR', '2026-01-01', '1')], "the currency is EUR, the workspace's own"],
  [[rate('EURO', '2026-01-01', '1')], 'the currency must be'],
  [[rate('USD', '2026-02-30', '1')], 'the day must be'],
  [[rate('USD', '0000-01-01', '1')], 'the day must be'],
  [[rate('USD', 'today', '1')], 'the day must be'],
  [[rate('USD', '2026-01-01', '0')], 'the rate must be'],
  [[rate('USD', '2026-01-01', '0.000')], 'the rate must be'],
  [[rate('USD', '2026-01-01', '-1')], 'the rate must be'],
  [[rate('USD', '2026-01-01', '1e3')], 'the rate must be'],
  [[rate('USD', '2026-01-01', '1'), rate('usd', '2026-01-01', '2')], 'rates.1: repeats'],
])('refuses %j as a whole', async (rates, message) => {
  const workspace = await createShop();

  const good = rates.length > 0 ? [rate('JPY', '2026-01-01', '0.006')] : [];

  expect(await setRates(workspace, ...rates, ...good)).toEqual({
    code: 'INVALID_INPUT',
    message: expect.stringContaining(message),
  });
  const { exchangeRates } = await workspace.query<{ exchangeRates: object }>(
    '{ exchangeRates { nodes { rate } } }',
  );
  expect(exchangeRates).toEqual({ nodes: [] });
});

const currencies = { EUR: 2, USD: 2, JPY: 0, KWD: 3 } as const;
type Currency = keyof typeof currencies;
const codes = Object.keys(currencies) as Currency[];
const dates = ['2026-01-01', '2026-01-02', '2026-01-03', '2026-01-04'];

/** Rates are thousandths; amounts are minor units. */
interface Scenario {
  own: Currency;
  rates: Array<{ currency: Currency; date: number; thousandths: number }>;
  orders: Array<{ currency: Currency; date: number; minor: number; asText: boolean }>;
  seed: number;
}

const scenarios: fc.Arbitrary<Scenario> = fc.record({
  own: fc.constantFrom(...codes),
  rates: fc.array(
    fc.record({
      currency: fc.constantFrom(...codes),
      date: fc.nat(dates.length - 1),
      thousandths: fc.integer({ min: 1, max: 200_000 }),
    }),
    { maxLength: 8 },
  ),
  orders: fc.array(
    fc.record({
      currency: fc.constantFrom(...codes),
      date: fc.nat(dates.length - 1),
      minor: fc.nat(1_000_000),
      asText: fc.boolean(),
    }),
    { minLength: 1, maxLength: 10 },
  ),
  seed: fc.nat(),
});

const decimalOf = (minor: bigint, currency: Currency) => {
  const digits = currencies[currency];
  const text = minor.toString().padStart(digits + 1, '0');
  return digits === 0 ? text : `${text.slice(0, -digits)}.${text.slice(-digits)}`;
};

/** The sum in tenths of millionths of the own currency; undefined if a rate is missing. */
function referenceSum({ own, rates, orders }: Scenario): bigint | undefined {
  let sum = 0n;
  for (const { currency, date, minor } of orders) {
    const unit = 10n ** BigInt(7 - currencies[currency]);
    if (currency === own) {
      sum += BigInt(minor) * unit;
      continue;
    }
    // Of the latest day, the rate that was set last.
    const applicable = rates
      .filter((one) => one.currency === currency && one.date <= date)
      .reduce<Scenario['rates'][number] | undefined>(
        (best, one) => (best && best.date > one.date ? best : one),
        undefined,
      );
    if (!applicable) return undefined;
    sum += (BigInt(minor) * unit * BigInt(applicable.thousandths)) / 1_000n;
  }
  return sum;
}

it('equals the sum of a reference, whatever the currencies, rates and batches', async () => {
  await fc.assert(
    fc.asyncProperty(scenarios, async (scenario) => {
      const { own, rates, orders, seed } = scenario;
      const workspace = await createShop(own);
      const calls = orders.map(({ currency, date, minor, asText }) => {
        const total = decimalOf(BigInt(minor), currency);
        return order(dates[date] ?? '', asText ? total : Number(total), { currency });
      });
      for (const batch of splitRandomly(calls, 4, createRandom(seed))) await workspace.send(batch);
      const others = rates.filter(({ currency }) => currency !== own);
      for (const [index, { currency, date, thousandths }] of others.entries()) {
        server.clock.now = new Date(at('2026-06-01').getTime() + index);
        const text = (thousandths / 1_000).toFixed(3);
        await setRates(workspace, rate(currency, dates[date] ?? '', text));
      }

      const sum = referenceSum(scenario);

      const unit = 10n ** BigInt(7 - currencies[own]);
      const expected = sum === undefined ? undefined : decimalOf((sum + unit / 2n) / unit, own);
      expect(await netOf(workspace)).toBe(expected);
    }),
    { numRuns: 25 },
  );
}, 120_000);
