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
  ['an event that no customer did', ordered, never],
  ['a negated event that no customer did', { not: ordered }, always],
  [
    'one of two events may exist',
    { did: { event: ['Order Completed', 'Refund'] } },
    {
      did: { event: ['Order Completed', 'Refund'] },
    },
  ],
  [
    'pages are not indexed by name',
    { did: { event: ['Order Completed'], kind: 'PAGE' } },
    {
      did: { event: ['Order Completed'], kind: 'PAGE' },
    },
  ],
  [
    'a count of at most one',
    {
      did: { event: ['Order Completed'], measure: { count: { atMost: 1 } } },
    },
    always,
  ],
  [
    'the sum of no events',
    {
      did: {
        event: ['Order Completed'],
        measure: { sum: { property: 'total', is: { equals: 0 } } },
      },
    },
    always,
  ],
  [
    'the first time of no event',
    {
      did: { event: ['Order Completed'], measure: { first: { exists: false } } },
    },
    always,
  ],
  ['one of two alternatives remains', { any: [ordered, viewed] }, viewed],
  ['two required conditions cannot both match', { all: [viewed, ordered] }, never],
  ['a condition that always matches is removed', { all: [viewed, { not: ordered }] }, viewed],
])('simplifies a condition on absent events: %s', (_name, filter, narrowed) => {
  expect(narrow(toCondition(filter), noOrders)).toEqual(toCondition(narrowed));
});

it.each<[string, Filter, Filter]>([
  ['a string', { trait: { name: 'plan', is: { text: { notEquals: 'pro' } } } }, never],
  ['that it exists', { trait: { name: 'plan', is: { exists: true } } }, never],
  ['that it does not exist', { trait: { name: 'plan', is: { exists: false } } }, always],
  ['a date', { trait: { name: 'plan', is: { date: { olderThan: 'P1D' } } } }, never],
  ['that it is no date', { trait: { name: 'plan', is: { date: { exists: false } } } }, always],
])('simplifies a condition on an absent trait: %s', (_name, filter, narrowed) => {
  expect(narrow(toCondition(filter), absent({ traits: new Set(['plan']) }))).toEqual(
    toCondition(narrowed),
  );
});

it.each<[string, Filter, Filter]>([
  ['an age', { fact: { lastOrderAt: { withinLast: 'P30D' } } }, never],
  ['that it does not exist', { fact: { lastOrderAt: { exists: false } } }, always],
  ['true', { fact: { subscribed: true } }, never],
  ['false', { fact: { subscribed: false } }, always],
  [
    'true, if it also depends on other data',
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
