import fc from 'fast-check';
import { type Times, toText } from './random-times.ts';
import type { ReferenceCall } from './reference-facts.ts';

/** Names that filters may use; some never occur in events. */
export const traitNames = ['plan', 'seats', 'renews', 'likes', 'constructor'] as const;
export const propertyNames = ['score', 'label', 'when', 'tags', 'total', 'toString'] as const;
export const tags = ['gold', 'new', 'é'] as const;
export const purposes = ['email', 'ads'] as const;
export const eventNames = ['Order Completed', 'Order Refunded', 'Viewed', 'viewed', 'Signed Up'];
export const words = ['a', 'A', 'ab', 'b', 'é', '%', '5', '-2.5', '1e3', '.5', '٣', 'true'];
export const numbers = [0, 1, 2, 2.5, 0.1, 0.2, 0.3, -1, 5, 100];

const oddDates = [
  ...['2024-02-30', '2024-11-03T24:00:00Z', '2024-11-03T05:00:00', '2024', 'soon', ''],
  ...['2024-11-03t05:00:00z', '2024-11-03T05:00:00+0000', '2024-11-03T00:00:00.5-0530'],
  ...['2024-10-31T23:59:60Z', '2024-11-01T01:59:60+02:00', '2024-11-03T05:00:60Z'],
];

/** A date as clients may send it: a day, an instant in any spelling, or an invalid text. */
const dates = ({ days, instants }: Times) =>
  fc.oneof(
    { arbitrary: days, weight: 3 },
    { arbitrary: instants.map(toText), weight: 2 },
    { arbitrary: instants.map(withOffset), weight: 1 },
    { arbitrary: fc.constantFrom(...oddDates), weight: 1 },
  );

const withOffset = (at: number) => toText(at + 7_200_000).replace('Z', '+02:00');

/** A value of every JSON type. */
const values = (times: Times): fc.Arbitrary<unknown> =>
  fc.oneof(
    { arbitrary: fc.constantFrom(...words), weight: 3 },
    { arbitrary: fc.constantFrom(...numbers), weight: 3 },
    { arbitrary: dates(times), weight: 3 },
    { arbitrary: fc.boolean(), weight: 1 },
    {
      arbitrary: fc.array(fc.constantFrom('a', 'b', 'c', 1, null, true), { maxLength: 3 }),
      weight: 2,
    },
    { arbitrary: fc.constantFrom(null, { a: 1 }), weight: 1 },
  );

const markValues = fc.constantFrom(true, true, false, null, 'true', 1);

const traits = (times: Times) => {
  const named = traitNames.map((name) => [name, values(times)] as const);
  const renews = fc.oneof(dates(times), dates(times), values(times));
  const marks = [...tags.map((tag) => `tag:${tag}`), ...purposes.map((one) => `consent:${one}`)];
  const marked = marks.map((name) => [name, markValues] as const);
  const email = fc.constantFrom('x@example.com', 'y@example.com', null);
  const all = Object.fromEntries<fc.Arbitrary<unknown>>([
    ...named,
    ...marked,
    ['email', email],
    ['renews', renews],
  ]);
  return fc.record(all, { requiredKeys: [] });
};

const properties = (times: Times) =>
  fc.record(
    Object.fromEntries(
      propertyNames.filter((name) => name !== 'total').map((name) => [name, values(times)]),
    ),
    { requiredKeys: [] },
  );

const money = fc.record(
  {
    total: fc.constantFrom(0, 1, 2.5, 10, '10.00', '2.5', 0.1, 0.2, '0.005', 1.2345, 33.33),
    currency: fc.constantFrom('USD', 'EUR', 'JPY', 'KWD'),
  },
  { requiredKeys: ['total'] },
);

const track = (event: string, contents: Record<string, unknown>) => ({
  type: 'track' as const,
  event,
  properties: contents,
});

const facts = fc
  .constantFrom(
    'Signed Up',
    'Lead Captured',
    'Subscription Started',
    'Subscription Started',
    'Subscription Renewed',
    'Subscription Cancelled',
  )
  .map((event) => track(event, {}));

const contents = (times: Times) =>
  fc.oneof(
    {
      arbitrary: fc
        .tuple(fc.constantFrom('Order Completed', 'Order Completed', 'order completed '), money)
        .map(([event, paid]) => track(event, paid)),
      weight: 4,
    },
    { arbitrary: money.map((paid) => track('Order Refunded', paid)), weight: 1 },
    {
      arbitrary: fc
        .tuple(fc.constantFrom('Viewed', 'Viewed', 'viewed'), properties(times))
        .map(([event, known]) => track(event, known)),
      weight: 6,
    },
    { arbitrary: facts, weight: 3 },
    {
      arbitrary: fc
        .tuple(fc.constantFrom('Home', 'Cart', undefined), properties(times))
        .map(([name, known]) => ({
          type: 'page' as const,
          ...(name ? { name } : {}),
          properties: known,
        })),
      weight: 3,
    },
    {
      arbitrary: traits(times).map((known) => ({ type: 'identify' as const, traits: known })),
      weight: 5,
    },
  );

const users = fc.constantFrom('u1', 'u1', 'u2');
const visitors = fc.constantFrom('a1', 'a1', 'a2');

const identities = fc.oneof(
  { arbitrary: users.map((userId) => ({ userId })), weight: 6 },
  { arbitrary: visitors.map((anonymousId) => ({ anonymousId })), weight: 5 },
  { arbitrary: fc.record({ userId: users, anonymousId: visitors }), weight: 1 },
);

const context = fc.oneof(
  { arbitrary: fc.constant({}), weight: 8 },
  {
    arbitrary: fc
      .constantFrom('x@example.com', ' Y@Example.com')
      .map((email) => ({ context: { traits: { email } } })),
    weight: 1,
  },
  {
    arbitrary: fc
      .constantFrom('p1', 'p2')
      .map((id) => ({ context: { externalIds: [{ id, type: 'crm' }] } })),
    weight: 1,
  },
);

const regularCalls = (times: Times) =>
  fc
    .tuple(identities, contents(times), context, times.texts)
    .map(([identity, content, more, timestamp]) => ({
      ...identity,
      ...content,
      ...more,
      timestamp,
    }));

const alias = ({ texts }: Times) =>
  fc.tuple(users, visitors, texts).map(([userId, previousId, timestamp]) => ({
    type: 'alias' as const,
    userId,
    previousId,
    timestamp,
  }));

/** Events of a few customers in order of arrival; many are late, some merge customers. */
export const randomHistories = (times: Times): fc.Arbitrary<ReferenceCall[]> =>
  fc
    .array(
      fc.oneof(
        { arbitrary: regularCalls(times), weight: 19 },
        { arbitrary: alias(times), weight: 1 },
      ),
      { minLength: 1, maxLength: 30, size: 'max' },
    )
    .map((calls) =>
      calls.map((call, index): ReferenceCall => ({ ...call, messageId: `m${index}` })),
    );
