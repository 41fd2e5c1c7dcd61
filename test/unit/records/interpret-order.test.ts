import { describe, expect, it } from 'vitest';
import { interpretOrder } from '../../../src/domains/records/orders/interpret-order.ts';
import { interpretOrderless } from '../../../src/domains/records/orders/interpret-refunds.ts';
import { counted, type Report } from '../../../src/engine/records/record-kind.ts';

type Said = [effect: string, hour: number, properties: object, trust?: 'BROWSER' | undefined];

const partOf = (properties: object) =>
  'refund_id' in properties ? String(properties.refund_id) : null;

const reportsOf = (said: readonly Said[]): Report[] =>
  said.map(([effect, hour, properties, trust], index) => ({
    eventId: `e${index}`,
    customerId: 'ada',
    effect,
    part: partOf(properties),
    trust: trust ?? 'SERVER',
    at: new Date(Date.UTC(2025, 0, 1, hour)),
    properties: properties as Record<string, unknown>,
  }));

/** What the events count as: the effect with its amount, `-` for a repeat. */
function interpret(said: readonly Said[], key: string | null = 'A-1') {
  const { meanings, state } = (
    key === null && said[0]?.[0] === 'refund' ? interpretOrderless : interpretOrder
  )({ key, reports: reportsOf(said), isNew: said.length === 1, currency: 'EUR' });
  const read = meanings.map(({ effect, amount, counts }) =>
    counts ? (amount === null ? effect : `${effect} ${amount}`) : '-',
  );
  return { meanings: read, order: state, all: meanings };
}

describe('the amount of an order', () => {
  it.each([
    [{ total: 12.5 }, 1250n, 'EUR'],
    [{ revenue: '12.50', currency: 'usd' }, 1250n, 'USD'],
    [{ total: 1, revenue: 2 }, 200n, 'EUR'],
    [{ total: 100, tax: 19, shipping: 5, discount: 3 }, 7600n, 'EUR'],
    [{ total: 3, tax: 4 }, 0n, 'EUR'],
    [{ total: 0 }, 0n, 'EUR'],
    [{}, 0n, 'EUR'],
  ])('of %j is %d %s', (properties, amount, currency) => {
    for (const key of [null, 'A-1']) {
      expect(interpret([['order', 0, properties]], key).all).toEqual([
        { ...counted, effect: 'order', amount, currency },
      ]);
    }
  });
});

describe('an order that is reported again', () => {
  it('counts once', () => {
    const { meanings } = interpret([
      ['order', 0, { total: 50 }],
      ['order', 1, { total: 50 }],
    ]);

    expect(meanings).toEqual(['order 5000', '-']);
  });

  it('has each field from the latest report with it, in the order of their times', () => {
    const { meanings, order, all } = interpret([
      ['order', 1, { total: 50, coupon: 'A' }],
      ['order_updated', 3, { total: 45, coupon: null }],
      ['order', 2, { total: 60, currency: 'USD' }],
    ]);

    expect(meanings).toEqual(['order 4500', 'order_updated', '-']);
    expect(order).toMatchObject({
      currency: 'USD',
      total: 4500n,
      placedAt: new Date(Date.UTC(2025, 0, 1, 1)),
    });
    expect(all[0]?.corrected).toEqual({ total: 45, coupon: 'A', currency: 'USD' });
  });

  it('dates from its earliest report, which counts instead of the one that arrived first', () => {
    const { meanings } = interpret([
      ['order', 2, { total: 50 }],
      ['order', 1, { total: 50 }],
    ]);

    expect(meanings).toEqual(['-', 'order 5000']);
  });

  it('is not created by an update alone', () => {
    expect(interpret([['order_updated', 0, { total: 5 }]])).toMatchObject({
      meanings: ['order_updated'],
      order: undefined,
    });
  });
});

describe('an order that does not count', () => {
  it.each([
    ['pending', [['order', 0, { total: 5, status: 'pending' }]]],
    ['a test', [['order', 0, { total: 5, test: true }]]],
    [
      'cancelled',
      [
        ['order', 0, { total: 5 }],
        ['order_cancelled', 1, {}],
      ],
    ],
    [
      'cancelled before it was reported',
      [
        ['order', 1, { total: 5 }],
        ['order_cancelled', 0, {}],
      ],
    ],
  ] as Array<[string, Said[]]>)('because it is %s', (_why, said) => {
    expect(interpret(said).meanings[0]).toBe('-');
  });

  it('counts from its time once it is paid', () => {
    const { meanings, order } = interpret([
      ['order', 0, { total: 5, status: 'Pending' }],
      ['order_updated', 5, { status: 'paid' }],
    ]);

    expect(meanings).toEqual(['order 500', 'order_updated']);
    expect(order).toMatchObject({ status: 'PLACED', placedAt: new Date(Date.UTC(2025, 0, 1)) });
  });
});

describe('a browser', () => {
  it('opens an order, which servers amend', () => {
    const said: Said[] = [
      ['order', 0, { total: 5 }, 'BROWSER'],
      ['order', 1, { total: 7 }],
    ];

    expect(interpret(said).meanings).toEqual(['order 700', '-']);
  });

  it.each([
    ['amend', 'order', { total: 1 }, '-'],
    ['update', 'order_updated', { total: 1 }, null],
    ['cancel', 'order_cancelled', {}, null],
    ['refund', 'refund', { total: 1 }, null],
  ])('does not %s an order', (_what, effect, properties, meaning) => {
    for (const opened of [undefined, 'BROWSER'] as const) {
      expect(
        interpret([
          ['order', 0, { total: 5 }, opened],
          [effect, 1, properties, 'BROWSER'],
        ]).meanings,
      ).toEqual(['order 500', meaning]);
    }
  });

  it('gives nothing back without naming an order', () => {
    expect(interpret([['refund', 0, { total: 5 }, 'BROWSER']], null).meanings).toEqual([null]);
  });
});

describe('refunds', () => {
  it.each([
    ['the remainder without an amount', [{ total: 10 }, {}], ['refund 1000', 'refund 4000']],
    ['at most the order', [{ total: 40 }, { total: 40 }], ['refund 4000', 'refund 1000']],
    [
      'once for each refund_id',
      [
        { total: 5, refund_id: 7 },
        { total: 5, refund_id: '7' },
      ],
      ['refund 500', '-'],
    ],
    [
      'as corrected',
      [
        { total: 5, refund_id: 'r' },
        { total: 8, refund_id: 'r' },
      ],
      ['refund 800', '-'],
    ],
    ['its lines', [{ products: [{ price: '2.50', quantity: 2 }, { price: 1 }] }], ['refund 600']],
  ])('give back %s', (_what, refunds, expected) => {
    const said = refunds.map((properties, index): Said => ['refund', 2 + index, properties]);

    expect(interpret([['order', 0, { total: 50 }], ...said]).meanings.slice(1)).toEqual(expected);
    // A refund may arrive before its order.
    expect(interpret([...said, ['order', 0, { total: 50 }]]).meanings.slice(0, -1)).toEqual(
      expected,
    );
  });

  it('give back nothing of a cancelled or unknown order', () => {
    expect(interpret([['refund', 1, { total: 5 }]]).meanings).toEqual(['refund 0']);
    expect(
      interpret([
        ['order', 0, { total: 50 }],
        ['order_cancelled', 3, {}],
        ['refund', 3, { total: 5 }],
      ]).meanings,
    ).toEqual(['-', 'order_cancelled', 'refund 0']);
  });

  it('count like their order until it is cancelled', () => {
    const { all } = interpret([
      ['order', 0, { total: 50 }],
      ['order_cancelled', 3, {}],
      ['refund', 1, { total: 5 }],
    ]);

    const countedUntil = new Date(Date.UTC(2025, 0, 1, 3));
    expect(all[0]).toMatchObject({
      ...{ effect: null, amount: 5000n, counts: false },
      ...{ countedEffect: 'order', countedUntil },
    });
    expect(all[2]).toMatchObject({
      ...{ effect: null, amount: 500n, counts: true },
      ...{ countedEffect: 'refund', countedUntil },
    });
  });

  it('give back their amount if they name no order', () => {
    expect(interpret([['refund', 1, { total: 5, currency: 'usd' }]], null).all).toMatchObject([
      { effect: 'refund', amount: 500n, currency: 'USD' },
    ]);
  });
});
