import { expect, it } from 'vitest';
import { type AbsentData, noAbsentData } from '../../../src/engine/conditions/absent-data.ts';
import type { Filter } from '../../../src/engine/conditions/filter.ts';
import { narrow } from '../../../src/engine/conditions/narrow.ts';
import { resolveFilter } from '../../../src/engine/conditions/resolve.ts';

const always = { all: [] };
const never = { any: [] };
const vocabulary = { timeZone: 'UTC', segments: [], lifecycles: [], riskModel: null };
const toCondition = (filter: Filter) => resolveFilter(filter, vocabulary);
const absent = (what: Partial<AbsentData>): AbsentData => ({ ...noAbsentData, ...what });

const ordered: Filter = { did: { event: ['Order Completed'] } };
const viewed: Filter = { did: { event: ['Product Viewed'] } };
const noOrders = absent({ eventNames: new Set(['Order Completed']) });

it('does not change a condition if no data is absent', () => {
  const condition = toCondition({ all: [ordered, { not: viewed }] });

  expect(narrow(condition, noAbsentData)).toEqual(condition);
});

it.each<[string, Filter, Filter]>([
  ['nobody did the event', ordered, never],
  ['nobody did it, as asked for', { not: ordered }, always],
  [
    'another event may have been done',
    { did: { event: ['Order Completed', 'Refund'] } },
    {
      did: { event: ['Order Completed', 'Refund'] },
    },
  ],
  [
    'pages are not kept by name',
    { did: { event: ['Order Completed'], kind: 'PAGE' } },
    {
      did: { event: ['Order Completed'], kind: 'PAGE' },
    },
  ],
  [
    'none is at most one',
    {
      did: { event: ['Order Completed'], measure: { count: { atMost: 1 } } },
    },
    always,
  ],
  [
    'nothing sums to zero',
    {
      did: {
        event: ['Order Completed'],
        measure: { sum: { property: 'total', is: { equals: 0 } } },
      },
    },
    always,
  ],
  [
    'there is no first time',
    {
      did: { event: ['Order Completed'], measure: { first: { exists: false } } },
    },
    always,
  ],
  ['one of two is left', { any: [ordered, viewed] }, viewed],
  ['both of two cannot be', { all: [viewed, ordered] }, never],
  ['what always holds is not asked', { all: [viewed, { not: ordered }] }, viewed],
])('simplifies a condition on absent events: %s', (_name, filter, narrowed) => {
  expect(narrow(toCondition(filter), noOrders)).toEqual(toCondition(narrowed));
});

it.each<[string, Filter, Filter]>([
  ['a text', { trait: { name: 'plan', is: { text: { notEquals: 'pro' } } } }, never],
  ['that it is there', { trait: { name: 'plan', is: { exists: true } } }, never],
  ['that it is not there', { trait: { name: 'plan', is: { exists: false } } }, always],
  ['a date', { trait: { name: 'plan', is: { date: { olderThan: 'P1D' } } } }, never],
  ['that there is no date', { trait: { name: 'plan', is: { date: { exists: false } } } }, always],
])('simplifies a condition on an absent trait: %s', (_name, filter, narrowed) => {
  expect(narrow(toCondition(filter), absent({ traits: new Set(['plan']) }))).toEqual(
    toCondition(narrowed),
  );
});

it.each<[string, Filter, Filter]>([
  ['an age', { fact: { lastOrderAt: { withinLast: 'P30D' } } }, never],
  ['that it is not there', { fact: { lastOrderAt: { exists: false } } }, always],
  ['a truth', { fact: { subscribed: true } }, never],
  ['its contrary', { fact: { subscribed: false } }, always],
  [
    'a truth that may come from elsewhere',
    { fact: { identified: true } },
    {
      fact: { identified: true },
    },
  ],
  ['a number', { fact: { orderCount: { atMost: 0 } } }, { fact: { orderCount: { atMost: 0 } } }],
])('simplifies a condition on an absent fact: %s', (_name, filter, narrowed) => {
  const columns = [
    'last_order_at',
    'subscription_started_at',
    'subscription_renewed_at',
    'user_id',
    'orders',
  ] as const;

  expect(narrow(toCondition(filter), absent({ columns: new Set(columns) }))).toEqual(
    toCondition(narrowed),
  );
});
