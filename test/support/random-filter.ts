import fc from 'fast-check';
import type { StageCondition } from '../../src/domains/lifecycles/filter/stage-clause.ts';
import type {
  DidCondition,
  FactCondition,
  Filter,
  IdentityCondition,
  InstantComparison,
  Leaf,
  NumberComparison,
  PropertyCondition,
  TextComparison,
  TraitCondition,
} from '../../src/engine/conditions/filter.ts';
import {
  eventNames,
  numbers,
  propertyNames,
  purposes,
  tags,
  traitNames,
  words,
} from './random-events.ts';
import { durations, type Times } from './random-times.ts';

/** An object with exactly one of these properties. */
const one = <T extends object>(parts: { [K in keyof T]-?: fc.Arbitrary<NonNullable<T[K]>> }) =>
  fc.oneof(
    ...Object.entries<fc.Arbitrary<unknown>>(parts).map(([name, operand]) =>
      operand.map((value) => ({ [name]: value })),
    ),
  ) as fc.Arbitrary<T>;

const some = <T>(arbitrary: fc.Arbitrary<T>, maxLength = 2) =>
  fc.uniqueArray(arbitrary, { minLength: 1, maxLength });
const atTimes = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const without = <T extends object>(arbitrary: fc.Arbitrary<T>) =>
  // JSON has no undefined: an absent property is removed.
  arbitrary.map((value) => JSON.parse(JSON.stringify(value)) as T);

const compareNumber = (operands: readonly number[]): fc.Arbitrary<NumberComparison> => {
  const operand = fc.constantFrom(...operands);
  return one<NumberComparison>({
    equals: operand,
    notEquals: operand,
    above: operand,
    atLeast: operand,
    below: operand,
    atMost: operand,
    between: fc.tuple(operand, operand).map(inOrder),
  });
};

/** The range between two numbers, or two instants in any spelling. */
const inOrder = <Bound extends number | string>([one, other]: [Bound, Bound]) => {
  const value = (bound: Bound) => (typeof bound === 'string' ? Date.parse(bound) : Number(bound));
  return value(one) <= value(other) ? { from: one, to: other } : { from: other, to: one };
};

const word = fc.constantFrom(...words);
const compareText = (operand = word): fc.Arbitrary<TextComparison> =>
  one<TextComparison>({
    equals: operand,
    notEquals: operand,
    in: some(operand, 3),
    notIn: some(operand, 3),
    contains: operand,
    startsWith: operand,
    endsWith: operand,
  });

const fixedInstants = ({ texts }: Times) => ({
  before: texts,
  after: texts,
  between: fc.tuple(texts, texts).map(inOrder),
  exists: fc.boolean(),
});

const compareInstant = (times: Times): fc.Arbitrary<InstantComparison> => {
  const fixed = one<PropertyDate>(fixedInstants(times));
  const relative = one<Pick<InstantComparison, 'withinLast' | 'olderThan' | 'withinNext'>>({
    withinLast: durations,
    olderThan: durations,
    withinNext: durations,
  });
  return fc.oneof({ arbitrary: fixed, weight: 1 }, { arbitrary: relative, weight: 3 });
};

type PropertyDate = NonNullable<PropertyCondition['is']['date']>;

const compareTold = <Date extends PropertyDate | InstantComparison>(date: fc.Arbitrary<Date>) =>
  one<Omit<TraitCondition['is'], 'date'> & { date?: Date }>({
    text: compareText(),
    number: compareNumber(numbers),
    date,
    boolean: fc.boolean(),
    list: one<NonNullable<TraitCondition['is']['list']>>({
      hasAny: some(fc.constantFrom('a', 'b', 'c', '1')),
      hasAll: some(fc.constantFrom('a', 'b', 'c')),
    }),
    exists: fc.boolean(),
  } as never);

const trait = (times: Times): fc.Arbitrary<TraitCondition> => {
  const date = compareInstant(times);
  const any = fc.record({ name: fc.constantFrom(...traitNames), is: compareTold(date) });
  // Comparisons whose answer changes by time alone.
  const renews = fc.record({ name: fc.constant('renews'), is: fc.record({ date }) });
  return fc.oneof(any, renews) as fc.Arbitrary<TraitCondition>;
};

const counts = compareNumber([0, 1, 1, 2, 3, 5]);

const amount = compareNumber([0, 10, 100, 250, 1_000, 333.5, -100]);

const fact = (times: Times): fc.Arbitrary<FactCondition> => {
  const instant = compareInstant(times);
  const steady = one<FactCondition>({
    orderCount: counts,
    events: counts,
    activeDays: counts,
    sessions: counts,
    subscriptionRenewals: counts,
    grossRevenue: amount,
    refunded: amount,
    netRevenue: amount,
    averageOrderValue: amount,
    identified: fc.boolean(),
    subscribed: fc.boolean(),
  });
  const timed = one<FactCondition>({
    firstSeenAt: instant,
    lastSeenAt: instant,
    leadAt: instant,
    signedUpAt: instant,
    firstOrderAt: instant,
    lastOrderAt: instant,
    subscriptionStartedAt: instant,
    subscriptionRenewedAt: instant,
    subscriptionCancelledAt: instant,
  });
  return fc.oneof({ arbitrary: steady, weight: 1 }, { arbitrary: timed, weight: 2 });
};

const ofProperty = (is: fc.Arbitrary<NumberComparison>) =>
  fc.record({ property: fc.constantFrom('score', 'score', 'total', 'label', 'toString'), is });

const measure = (times: Times): fc.Arbitrary<NonNullable<DidCondition['measure']>> =>
  one<NonNullable<DidCondition['measure']>>({
    count: counts,
    sum: ofProperty(compareNumber(numbers)),
    min: ofProperty(compareNumber(numbers)),
    max: ofProperty(compareNumber(numbers)),
    distinct: ofProperty(counts),
    first: compareInstant(times),
    last: compareInstant(times),
  });

/** Matching event names and kinds. */
const subjects = fc.oneof(
  {
    arbitrary: fc.record({ event: some(fc.constantFrom('Viewed', ...eventNames), 3) }),
    weight: 8,
  },
  {
    arbitrary: fc.constantFrom<Pick<DidCondition, 'event' | 'kind'>>(
      { event: ['Home', 'page'], kind: 'PAGE' },
      { event: ['identify'], kind: 'IDENTIFY' },
      { event: ['alias'], kind: 'ALIAS' },
      { event: ['Home'], kind: 'SCREEN' },
      { event: ['Order Completed', 'Home'], kind: 'TRACK' },
    ),
    weight: 2,
  },
);

const inCurrency = fc
  .oneof(
    fc.constantFrom('USD', 'EUR', 'JPY', 'KWD').map((equals) => ({ equals })),
    fc.constantFrom<string[]>(['KWD'], ['USD', 'JPY']).map((codes) => ({ in: codes })),
  )
  .map((text): PropertyCondition => ({ name: 'currency', is: { text } }));

const did = (times: Times): fc.Arbitrary<DidCondition> => {
  const { texts } = times;
  const property = fc.oneof(
    {
      arbitrary: fc.record({
        name: fc.constantFrom(...propertyNames),
        is: compareTold(one<PropertyDate>(fixedInstants(times))),
      }) as fc.Arbitrary<PropertyCondition>,
      weight: 4,
    },
    { arbitrary: inCurrency, weight: 1 },
  );
  const parts = fc.record({
    where: fc.oneof(
      { arbitrary: fc.constant(undefined), weight: 2 },
      { arbitrary: fc.array(property, { maxLength: 2 }), weight: 1 },
    ),
    window: fc.oneof(
      { arbitrary: fc.constant(undefined), weight: 1 },
      { arbitrary: durations.map((within) => ({ within })), weight: 3 },
      {
        arbitrary: fc.tuple(texts, texts).map((bounds) => ({ between: inOrder(bounds) })),
        weight: 1,
      },
    ),
    measure: atTimes(measure(times)),
  });
  return without(
    fc.tuple(subjects, parts).map(([subject, more]) => ({ ...subject, ...more }) as DidCondition),
  );
};

const stage: fc.Arbitrary<StageCondition> = fc
  .record({
    keys: some(fc.constantFrom('REACH', 'ACQUISITION', 'conversion', 'Retention', 'LOYALTY'), 3),
    isIn: fc.boolean(),
    limit: one<Pick<StageCondition, 'forAtLeast' | 'enteredWithin' | 'within' | 'ever'>>({
      forAtLeast: durations,
      enteredWithin: durations,
      within: durations,
      ever: fc.constant(true as const),
    }),
    isLimited: fc.integer({ min: 0, max: 3 }).map((n) => n > 0),
    isNamed: fc.boolean(),
  })
  .map(({ keys, isIn, limit, isLimited, isNamed }) => {
    const timesInStage = 'forAtLeast' in limit || 'enteredWithin' in limit;
    return {
      ...(isNamed ? { lifecycle: 'reach_to_loyalty' } : {}),
      ...(isIn || (isLimited && timesInStage) ? { in: keys } : { notIn: keys }),
      ...(isLimited ? limit : {}),
    };
  });

const identity: fc.Arbitrary<IdentityCondition> = without(
  fc.record({
    kind: fc.constantFrom('user_id', 'anonymous_id', 'email', 'external:crm'),
    value: atTimes(compareText(fc.constantFrom('u1', 'a1', 'a', '2', 'x@example.com', 'p1'))),
  }) as fc.Arbitrary<IdentityCondition>,
);

const either = <T extends string>(keys: fc.Arbitrary<T>) =>
  one<{ in?: string[]; notIn?: string[] }>({ in: some(keys), notIn: some(keys) });

interface Options {
  /** The keys of the segments that filters may refer to. */
  segments: string[];
}

/** Conditions without children, weighted by how much can go wrong with each kind. */
export function leaves(times: Times, { segments }: Options): fc.Arbitrary<Leaf> {
  const weighted = (weight: number, arbitrary: fc.Arbitrary<Leaf>) => ({ weight, arbitrary });
  return fc.oneof(
    weighted(
      5,
      did(times).map((condition) => ({ did: condition })),
    ),
    weighted(
      4,
      fact(times).map((condition) => ({ fact: condition })),
    ),
    weighted(
      4,
      trait(times).map((condition) => ({ trait: condition })),
    ),
    weighted(
      3,
      stage.map((condition) => ({ stage: condition })),
    ),
    weighted(
      1,
      identity.map((condition) => ({ identity: condition })),
    ),
    weighted(
      1,
      either(fc.constantFrom(...tags)).map((condition) => ({ tag: condition })),
    ),
    weighted(
      1,
      fc
        .record(
          {
            purpose: fc.constantFrom(...purposes),
            // Calls state decisions about all channels only, which apply to each.
            channel: fc.constant('email'),
            is: fc.constantFrom('GRANTED' as const, 'DENIED' as const, 'UNKNOWN' as const),
          },
          { requiredKeys: ['purpose', 'is'] },
        )
        .map((condition) => ({ consent: condition })),
    ),
    ...(segments.length > 0
      ? [
          weighted(
            2,
            either(fc.constantFrom(...segments)).map((condition) => ({ segment: condition })),
          ),
        ]
      : []),
  );
}

/** Filters of all kinds, at most four levels deep. */
export function filters(times: Times, options: Options, depth = 4): fc.Arbitrary<Filter> {
  const leaf: fc.Arbitrary<Filter> = leaves(times, options);
  if (depth === 1) return leaf;
  const part = filters(times, options, depth - 1);
  const parts = fc.array(part, { maxLength: 3 });
  return fc.oneof(
    { arbitrary: leaf, weight: 4 },
    { arbitrary: parts.map((all) => ({ all })), weight: 1 },
    { arbitrary: parts.map((any) => ({ any })), weight: 1 },
    { arbitrary: part.map((not) => ({ not })), weight: 1 },
  );
}
