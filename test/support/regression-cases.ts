import type { Filter } from '../../src/engine/conditions/filter.ts';
import type { ReferenceCall } from './reference-facts.ts';

/** A case that failed before, or that random generation rarely hits: events and filters. */
interface RegressionCase {
  timeZone: string;
  history: ReferenceCall[];
  segments: Record<string, Filter>;
  filters: Filter[];
  picks: number[];
}

const regressionCase = (history: ReferenceCall[], ...filters: Filter[]): RegressionCase => ({
  timeZone: 'UTC',
  history,
  segments: { LAPSED: { any: [] }, REGULAR: { all: [] } },
  filters,
  picks: [0, 1, 2, 3, 4, 5, 6, 7],
});

const aliased = (messageId: string, userId: string, timestamp: string): ReferenceCall => ({
  type: 'alias',
  userId,
  previousId: 'a2',
  timestamp,
  messageId,
});

const tracked = (
  index: number,
  event: string,
  timestamp: string,
  properties: Record<string, unknown> = {},
): ReferenceCall => ({
  type: 'track',
  userId: 'u1',
  messageId: `m${index}`,
  event,
  timestamp,
  properties,
});

/** Run before any generated case. */
export const regressionCases: RegressionCase[] = [
  // By the calendar, the earlier of two events leaves a window of months later than the other.
  regressionCase(
    [
      tracked(0, 'Order Completed', '2024-01-30T01:05:00.000Z'),
      tracked(1, 'Order Completed', '2024-01-29T01:06:00.000Z'),
    ],
    { did: { event: ['Order Completed'], window: { within: 'P1M1D' } } },
    {
      did: {
        event: ['Order Completed'],
        window: { within: 'P1M1D' },
        measure: { count: { atLeast: 2 } },
      },
    },
    {
      did: {
        event: ['Order Completed'],
        window: { within: 'P1M1D' },
        measure: { count: { between: { from: 1, to: 1 } } },
      },
    },
  ),
  // A late event reports an identity with an earlier time than the first event that reported it.
  regressionCase(
    [
      {
        anonymousId: 'a2',
        type: 'track',
        event: 'Viewed',
        timestamp: '2024-01-29T00:00:00.001Z',
        messageId: 'm0',
      },
      {
        userId: 'u1',
        anonymousId: 'a2',
        type: 'identify',
        traits: {},
        timestamp: '2024-01-29T00:00:00.000Z',
        messageId: 'm1',
      },
    ],
    { identity: { kind: 'anonymous_id' } },
    { fact: { identified: true } },
  ),
  // A merge must not backdate an identity that belonged to another customer when it was reported.
  regressionCase(
    [
      aliased('m0', 'u1', '2025-03-07T00:00:00.001Z'),
      {
        userId: 'u2',
        anonymousId: 'a2',
        type: 'page',
        timestamp: '2025-03-07T00:00:00.000Z',
        messageId: 'm1',
      },
      aliased('m2', 'u2', '2025-03-07T13:45:00.000Z'),
    ],
    { not: { identity: { kind: 'anonymous_id' } } },
  ),
  // A customer without a matching event has no last time and matches `exists: false`.
  regressionCase(
    [{ userId: 'u1', type: 'page', timestamp: '2024-02-28T00:00:00.000Z', messageId: 'm0' }],
    { did: { event: ['Viewed'], measure: { last: { exists: false } } } },
    {
      did: { event: ['Viewed'], window: { within: 'P1D' }, measure: { first: { exists: false } } },
    },
  ),
  // RFC 3339 has no hour 24.
  regressionCase(
    [
      {
        userId: 'u1',
        type: 'identify',
        traits: { renews: '2024-11-03T24:00:00Z' },
        timestamp: '2024-10-04T00:00:00.000Z',
        messageId: 'm0',
      },
    ],
    { trait: { name: 'renews', is: { date: { withinNext: 'P1D' } } } },
  ),
  // A subscription that starts and ends at the same instant is not active.
  regressionCase(
    [
      tracked(0, 'Subscription Started', '2024-11-01T12:00:00.000Z'),
      tracked(1, 'Subscription Cancelled', '2024-11-01T12:00:00.000Z'),
    ],
    { fact: { subscribed: true } },
    { fact: { subscribed: false } },
  ),
  // An average without a finite decimal form, between the two nearest decimals.
  regressionCase(
    [
      tracked(0, 'Order Completed', '2024-11-01T12:00:00.000Z', { total: 10 }),
      tracked(1, 'Order Completed', '2024-11-01T13:00:00.000Z', { total: 0 }),
      tracked(2, 'Order Completed', '2024-11-01T14:00:00.000Z', { total: 0 }),
      tracked(3, 'Order Refunded', '2024-11-01T15:00:00.000Z', { total: 1 }),
    ],
    { fact: { averageOrderValue: { above: 333.333333 } } },
    { fact: { averageOrderValue: { below: 333.333334 } } },
    { fact: { averageOrderValue: { between: { from: 333.333333, to: 333.333334 } } } },
    { fact: { netRevenue: { equals: 900 } } },
  ),
  // An e-mail address in the context identifies a visitor; in the context of `identify` it is ignored.
  regressionCase(
    [
      {
        anonymousId: 'a1',
        type: 'page',
        context: { traits: { email: 'x@example.com' } },
        timestamp: '2024-11-01T12:00:00.000Z',
        messageId: 'm0',
      },
      {
        anonymousId: 'a2',
        type: 'identify',
        traits: {},
        context: { traits: { email: 'y@example.com' } },
        timestamp: '2024-11-01T12:00:00.000Z',
        messageId: 'm1',
      },
    ],
    { fact: { identified: true } },
    { identity: { kind: 'email' } },
  ),
  // Strings among the elements of a list, and values that are no list.
  regressionCase(
    [
      {
        userId: 'u1',
        type: 'identify',
        traits: { likes: ['a', 'b', 1], plan: 'a', seats: [] },
        timestamp: '2024-10-04T00:00:00.000Z',
        messageId: 'm0',
      },
    ],
    { trait: { name: 'likes', is: { list: { hasAll: ['a', 'b'] } } } },
    { trait: { name: 'likes', is: { list: { hasAll: ['a', 'c'] } } } },
    { trait: { name: 'likes', is: { list: { hasAny: ['c', 'a'] } } } },
    { trait: { name: 'likes', is: { list: { hasAny: ['1'] } } } },
    { trait: { name: 'plan', is: { list: { hasAny: ['a'] } } } },
    { trait: { name: 'seats', is: { list: { hasAll: ['a'] } } } },
  ),
  // Sums are exact, although 0.1 and 0.2 are not.
  regressionCase(
    [
      tracked(0, 'Viewed', '2024-11-01T12:00:00.000Z', { score: 0.1 }),
      tracked(1, 'Viewed', '2024-11-01T12:00:00.000Z', { score: 0.2 }),
      tracked(2, 'Viewed', '2024-11-01T12:00:00.000Z', { score: '5' }),
      tracked(3, 'Viewed', '2024-11-01T12:00:00.000Z', { score: 5 }),
    ],
    { did: { event: ['Viewed'], measure: { sum: { property: 'score', is: { equals: 5.3 } } } } },
    { did: { event: ['Viewed'], measure: { distinct: { property: 'score', is: { equals: 4 } } } } },
    { did: { event: ['Viewed'], measure: { max: { property: 'score', is: { equals: 5 } } } } },
    { did: { event: ['Viewed'], measure: { min: { property: 'score', is: { equals: 0.1 } } } } },
    { did: { event: ['viewed'], measure: { sum: { property: 'score', is: { equals: 0 } } } } },
    { did: { event: ['viewed'], measure: { min: { property: 'score', is: { atMost: 0 } } } } },
  ),
];
