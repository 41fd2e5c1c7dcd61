import { z } from 'zod';
import { shape } from './shape.ts';

/**
 * The filter language: the value of the GraphQL input `CustomerFilter` as it is received and stored. Here are
 * its comparisons and the inputs of the engine's clauses; domains declare further clauses.
 */

const { text, texts, number: value, instant, duration, range, oneOf } = shape;

/** Numbers; money in minor units of the workspace's currency. Both ends of `between` belong to it. */
export const NumberComparison = oneOf({
  equals: value,
  notEquals: value,
  above: value,
  atLeast: value,
  below: value,
  atMost: value,
  between: range(value),
});

/** Texts, in exactly this spelling. */
export const TextComparison = oneOf({
  equals: z.string().max(256),
  notEquals: z.string().max(256),
  in: texts,
  notIn: texts,
  contains: text,
  startsWith: text,
  endsWith: text,
});

/** Fixed instants; the end of `between` does not belong to it. */
const fixed = {
  before: instant,
  after: instant,
  between: range(instant),
  exists: z.boolean(),
};

/** Instants, fixed or relative to the instant at which the question is asked. */
export const InstantComparison = oneOf({
  ...fixed,
  withinLast: duration,
  olderThan: duration,
  withinNext: duration,
});

export const ListComparison = oneOf({ hasAny: texts, hasAll: texts });

/** A told value: the comparison holds only for a value of its own type. */
const valueComparison = <T extends z.ZodType>(date: T) =>
  oneOf({
    text: TextComparison,
    number: NumberComparison,
    date,
    boolean: z.boolean(),
    list: ListComparison,
    exists: z.boolean(),
  });

export const TraitCondition = z.strictObject({
  name: text,
  is: valueComparison(InstantComparison),
});

/** A property of an event. Its dates are compared with fixed instants only. */
export const PropertyCondition = z.strictObject({ name: text, is: valueComparison(oneOf(fixed)) });

/** The facts by their type; every comparison of a fact that has no value is false. */
export const numberFacts = [
  'orderCount',
  'events',
  'activeDays',
  'sessions',
  'subscriptionRenewals',
  'grossRevenue',
  'refunded',
  'netRevenue',
  'averageOrderValue',
] as const;
export const instantFacts = [
  'firstSeenAt',
  'lastSeenAt',
  'leadAt',
  'signedUpAt',
  'firstOrderAt',
  'lastOrderAt',
  'subscriptionStartedAt',
  'subscriptionRenewedAt',
  'subscriptionCancelledAt',
] as const;
export const booleanFacts = ['identified', 'subscribed'] as const;

export type NumberFact = (typeof numberFacts)[number];
export type InstantFact = (typeof instantFacts)[number];
export type BooleanFact = (typeof booleanFacts)[number];

const each = <K extends string, T extends z.ZodType>(keys: readonly K[], type: T) =>
  Object.fromEntries(keys.map((key) => [key, type])) as Record<K, T>;

export const FactCondition = oneOf({
  ...each(numberFacts, NumberComparison),
  ...each(instantFacts, InstantComparison),
  ...each(booleanFacts, z.boolean()),
});

const ofProperty = z.strictObject({ property: text, is: NumberComparison });

/** What is asked of the matching events: how many, a number made of one property, or when. */
export const DidMeasure = oneOf({
  count: NumberComparison,
  sum: ofProperty,
  min: ofProperty,
  max: ofProperty,
  /** How many different values the property has; texts, numbers and booleans count. */
  distinct: ofProperty,
  first: InstantComparison,
  last: InstantComparison,
});

export const eventKindNames = ['TRACK', 'IDENTIFY', 'PAGE', 'SCREEN', 'GROUP', 'ALIAS'] as const;

export const DidCondition = z.strictObject({
  /** Any of these names, in exactly this spelling. */
  event: texts,
  kind: z.enum(eventKindNames).optional(),
  where: z.array(PropertyCondition).max(20).optional(),
  window: oneOf({ within: duration, between: range(instant) }).optional(),
  measure: DidMeasure.optional(),
});

export const IdentityCondition = z.strictObject({
  /** As in `Identity.kind`. */
  kind: text,
  value: TextComparison.optional(),
});

export type NumberComparison = z.infer<typeof NumberComparison>;
export type TextComparison = z.infer<typeof TextComparison>;
export type InstantComparison = z.infer<typeof InstantComparison>;
export type ListComparison = z.infer<typeof ListComparison>;
export type TraitCondition = z.infer<typeof TraitCondition>;
export type PropertyCondition = z.infer<typeof PropertyCondition>;
export type FactCondition = z.infer<typeof FactCondition>;
export type DidCondition = z.infer<typeof DidCondition>;
export type IdentityCondition = z.infer<typeof IdentityCondition>;

/** The clauses by name, each with its input. Whoever declares another one adds it by interface merging. */
export interface FilterClauses {
  trait: TraitCondition;
  fact: FactCondition;
  did: DidCondition;
  identity: IdentityCondition;
}

/** A clause that is not made of others. */
export type Leaf = {
  [Name in keyof FilterClauses]: Pick<FilterClauses, Name>;
}[keyof FilterClauses];

/** Which customers. `all` of nothing matches every customer, `any` of nothing matches none. */
export type Filter = { all: Filter[] } | { any: Filter[] } | { not: Filter } | Leaf;
