import fc from 'fast-check';
import type { ReferenceCall } from './reference-facts.ts';

/** The days on which New York and Havana set their clocks back. */
const beginning = Date.parse('2024-11-02T00:00:00Z');
const msPerMinute = 60_000;

/** Few distinct instants, some just within and some just beyond the pause that ends a session. */
const instants = fc
  .record({
    day: fc.integer({ min: 0, max: 3 }),
    minute: fc.constantFrom(0, 5, 20, 30, 35, 36, 65, 66, 250, 270, 300, 330, 1_410, 1_439),
    ms: fc.constantFrom(0, 0, 0, 1),
  })
  .map(({ day, minute, ms }) =>
    new Date(beginning + (day * 1_440 + minute) * msPerMinute + ms).toISOString(),
  );

const userIds = fc.constantFrom('u1', 'u2', 'u3');
const anonymousIds = fc.constantFrom('a1', 'a2', 'a3', 'a4');
const emails = fc.constantFrom('x@example.com', 'y@example.com', ' Z@Example.com');
const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined, freq: 1 });

const identities = fc.oneof(
  fc.record({ userId: userIds }),
  fc.record({ anonymousId: anonymousIds }),
  fc.record({ userId: userIds, anonymousId: anonymousIds }),
);

const context = fc.oneof(
  { arbitrary: fc.constant({}), weight: 6 },
  { arbitrary: emails.map((email) => ({ context: { traits: { email } } })), weight: 1 },
  {
    arbitrary: fc
      .constantFrom('p1', 'p2')
      .map((id) => ({ context: { externalIds: [{ id, type: 'crm' }] } })),
    weight: 1,
  },
);

const traits = fc.record(
  {
    email: fc.option(emails, { nil: null, freq: 5 }),
    firstName: fc.constantFrom('Ada', 'Bob', '', null),
    lastName: fc.constantFrom('Lee', null),
    name: fc.constantFrom('Ada Lee', null, 5),
    plan: fc.constantFrom('free', 'pro', { seats: 3 }, null),
    constructor: fc.constantFrom('odd', null),
  },
  { requiredKeys: [] },
);

const orders = fc
  .record({
    event: fc.constantFrom('Order Completed', ' order completed', 'Order Refunded'),
    total: fc.integer({ min: 0, max: 99_999 }).map((cents) => cents / 100),
    currency: fc.option(fc.constantFrom('USD', 'EUR'), { nil: undefined }),
    asText: fc.boolean(),
  })
  .map(({ event, total, currency, asText }) => ({
    type: 'track' as const,
    event,
    properties: { total: asText ? total.toFixed(2) : total, ...(currency ? { currency } : {}) },
  }));

const others = fc
  .constantFrom(
    'Signed Up',
    'Lead Captured',
    'Subscription Started',
    'Subscription Renewed',
    'Subscription Cancelled',
    'Something Else',
  )
  .map((event) => ({ type: 'track' as const, event }));

const contents = fc.oneof(
  { arbitrary: orders, weight: 5 },
  { arbitrary: others, weight: 3 },
  { arbitrary: fc.constant({ type: 'page' as const, name: 'Home' }), weight: 4 },
  { arbitrary: traits.map((known) => ({ type: 'identify' as const, traits: known })), weight: 4 },
);

const regularCalls = fc
  .tuple(identities, contents, context, instants)
  .map(([identity, content, more, timestamp]) => ({ ...identity, ...content, ...more, timestamp }));

const alias = fc
  .tuple(userIds, fc.oneof(userIds, anonymousIds), optional(anonymousIds), instants)
  .map(([userId, previousId, anonymousId, timestamp]) => ({
    type: 'alias' as const,
    userId,
    previousId,
    timestamp,
    ...(anonymousId ? { anonymousId } : {}),
  }));

const view = fc
  .tuple(fc.constantFrom({ userId: 'u1' }, { anonymousId: 'a1' }), instants)
  // All on one day, so that sessions touch, overlap and join.
  .map(([identity, at]) => ({
    type: 'page' as const,
    ...identity,
    timestamp: `2024-11-02${at.slice('2024-11-02'.length)}`,
  }));

const arrivals = (call: fc.Arbitrary<Omit<ReferenceCall, 'messageId'>>) =>
  fc.array(
    fc.record({
      call,
      // Repeats the call that was sent this many events ago.
      again: fc.option(fc.nat({ max: 12 }), { nil: null, freq: 4 }),
    }),
    { minLength: 1, maxLength: 28, size: 'max' },
  );

/** Events of a few customers in order of arrival; some are duplicates, many are late. */
export const histories: fc.Arbitrary<ReferenceCall[]> = fc
  .oneof(
    {
      arbitrary: arrivals(
        fc.oneof({ arbitrary: regularCalls, weight: 15 }, { arbitrary: alias, weight: 1 }),
      ),
      weight: 4,
    },
    { arbitrary: arrivals(view), weight: 1 },
  )
  .map((items) => {
    const calls = items.map(
      ({ call }, index): ReferenceCall => ({ ...call, messageId: `m${index}` }),
    );
    return items.flatMap(({ again: repeats }, index) => {
      const repeated = repeats === null ? undefined : calls[Math.max(0, index - repeats)];
      return [calls[index], repeated].filter((call) => call !== undefined);
    });
  });

/** How events reach the server: the interface and the size of batches. */
export interface Delivery {
  size: number;
  transport: 'http' | 'graphql' | 'direct';
  /** Sends the next batch without waiting for the response. */
  isConcurrent: boolean;
  /** Undoes the latest merge before the batch. */
  undo: boolean;
}

export const deliveries = (options: { withUndo: boolean }): fc.Arbitrary<Delivery[]> =>
  fc.array(
    fc.record({
      size: fc.constantFrom(1, 1, 2, 3, 5, 9, 40),
      transport: fc.constantFrom('http', 'graphql', 'direct', 'direct'),
      isConcurrent: fc.boolean(),
      undo: options.withUndo
        ? fc.integer({ min: 0, max: 3 }).map((n) => n === 0)
        : fc.constant(false),
    }),
    { minLength: 1, maxLength: 8 },
  );

/** Events of customers identified by user ids only, who therefore never merge. */
export const separateHistories: fc.Arbitrary<ReferenceCall[]> = fc
  .array(
    fc.tuple(userIds, fc.oneof(orders, others, fc.constant({ type: 'page' as const })), instants),
    {
      minLength: 20,
      maxLength: 60,
    },
  )
  .map((items) =>
    items.map(([userId, content, timestamp], index) => ({
      ...content,
      userId,
      timestamp,
      messageId: `m${index}`,
    })),
  );
