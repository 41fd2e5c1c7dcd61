import type { Filter } from '../src/engine/conditions/filter.ts';

const order = ['Order Completed'];
const did = (event: string): Filter => ({ did: { event: [event] } });
const trait = (name: string, value: string): Filter => ({
  trait: { name, is: { text: { equals: value } } },
});

/** Forty segments of a shop that do not change by time alone: by purchases, traits and events. */
const steady: Filter[] = [
  ...[2, 3, 5, 10, 20].map((atLeast): Filter => ({ fact: { orderCount: { atLeast } } })),
  ...[5_000, 10_000, 25_000, 50_000, 100_000].map(
    (atLeast): Filter => ({ fact: { netRevenue: { atLeast } } }),
  ),
  ...[5_000, 10_000, 20_000].map((above): Filter => ({ fact: { averageOrderValue: { above } } })),
  ...[3, 5, 10].map((atLeast): Filter => ({ fact: { activeDays: { atLeast } } })),
  ...[5, 10].map(
    (quantity): Filter => ({
      did: { event: order, where: [{ name: 'quantity', is: { number: { atLeast: quantity } } }] },
    }),
  ),
  { did: { event: order, measure: { count: { between: { from: 3, to: 4 } } } } },
  { all: [{ fact: { orderCount: { equals: 1 } } }, { fact: { netRevenue: { atLeast: 10_000 } } }] },
  { all: [{ stage: { in: ['CONVERSION'] } }, { fact: { netRevenue: { atLeast: 10_000 } } }] },
  { stage: { in: ['LOYALTY'] } },
  { any: [{ tag: { in: ['vip'] } }, { fact: { netRevenue: { atLeast: 200_000 } } }] },
  { all: [{ consent: { purpose: 'newsletter', is: 'GRANTED' } }, { fact: { identified: true } }] },
  ...['DE', 'FR', 'US', 'GB', 'NL'].map((country) => trait('country', country)),
  ...['free', 'pro', 'team'].map((plan) => trait('plan', plan)),
  ...[
    'Product Viewed',
    'Checkout Started',
    'Newsletter Opened',
    'Review Submitted',
    'Referral Sent',
    'Support Ticket Opened',
    'Coupon Applied',
    'Wishlist Shared',
  ].map(did),
];

/** Ten segments with a time window. */
const timed: Filter[] = [
  { all: [did('Order Completed'), { not: { did: { event: order, window: { within: 'P30D' } } } }] },
  { all: [did('Order Completed'), { not: { did: { event: order, window: { within: 'P90D' } } } }] },
  { did: { event: order, window: { within: 'P7D' } } },
  { did: { event: order, window: { within: 'P90D' }, measure: { count: { atLeast: 3 } } } },
  {
    did: {
      event: order,
      window: { within: 'P180D' },
      measure: { sum: { property: 'total', is: { atLeast: 100 } } },
    },
  },
  { did: { event: ['Checkout Started'], window: { within: 'PT48H' } } },
  { fact: { lastSeenAt: { withinLast: 'P14D' } } },
  { fact: { firstOrderAt: { withinLast: 'P30D' } } },
  {
    all: [
      { fact: { orderCount: { atLeast: 3 } } },
      { fact: { lastOrderAt: { olderThan: 'P6M' } } },
    ],
  },
  { stage: { in: ['CONVERSION'], forAtLeast: 'P45D' } },
];

/** Fifty active segments, ten of them with time windows. */
export const segmentFilters: readonly Filter[] = [...steady, ...timed];
