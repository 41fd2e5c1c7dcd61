import { z } from 'zod';
import { consentStates } from '../customers/consents.ts';
import { type FactType, factType, namedFacts } from '../customers/fact-table.ts';
import { shape } from './shape.ts';

/**
 * The filter language: the value of the GraphQL input `CustomerFilter` as received and stored. This file has
 * its comparisons and the inputs of the engine's clauses; domains declare further clauses.
 */

const { text, texts, number: value, instant, duration, range, oneOf } = shape;

/** Compares numbers; money is in minor units of the workspace's currency. `between` includes both ends. */
export const NumberComparison = oneOf({
  equals: value,
  notEquals: value,
  above: value,
  atLeast: value,
  below: value,
  atMost: value,
  between: range(value),
});

/** Compares strings, case-sensitive. */
export const TextComparison = oneOf({
  equals: text,
  notEquals: text,
  in: texts,
  notIn: texts,
  contains: text,
  startsWith: text,
  endsWith: text,
});

/** Comparisons with fixed instants. `between` excludes its end. */
const fixed = {
  before: instant,
  after: instant,
  between: range(instant),
  exists: z.boolean(),
};

/** Compares instants with fixed ones, or relative to the instant of the evaluation. */
export const InstantComparison = oneOf({
  ...fixed,
  withinLast: duration,
  olderThan: duration,
  withinNext: duration,
});

export const ListComparison = oneOf({ hasAny: texts, hasAll: texts });

/** Compares a JSON value. The comparison is false for values of other types. */
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

/** Compares a property of an event; dates only with fixed instants. */
export const PropertyCondition = z.strictObject({ name: text, is: valueComparison(oneOf(fixed)) });

const factComparisons: Record<FactType, z.ZodType<FactComparison>> = {
  number: NumberComparison,
  instant: InstantComparison,
  boolean: z.boolean(),
};

/** Compares a fact; false if it has no value. Lazy, because the facts are known once the domains are installed. */
export const FactCondition = z.lazy(() =>
  oneOf(
    Object.fromEntries(
      [...namedFacts()].map(([name, fact]) => [name, factComparisons[factType(fact)]]),
    ),
  ),
);

const ofProperty = z.strictObject({ property: text, is: NumberComparison });

/** The measure of the matching events: their number, an aggregate of one property, or their time. */
export const DidMeasure = oneOf({
  count: NumberComparison,
  sum: ofProperty,
  min: ofProperty,
  max: ofProperty,
  /** The number of distinct values of the property: strings, numbers and booleans. */
  distinct: ofProperty,
  first: InstantComparison,
  last: InstantComparison,
});

export const eventKindNames = ['TRACK', 'IDENTIFY', 'PAGE', 'SCREEN', 'GROUP', 'ALIAS'] as const;

export const DidCondition = z.strictObject({
  /** Any of these names, case-sensitive. */
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

export const ConsentCondition = z.strictObject({
  purpose: text,
  channel: text.optional(),
  is: z.enum(consentStates),
});

export type NumberComparison = z.infer<typeof NumberComparison>;
export type TextComparison = z.infer<typeof TextComparison>;
export type InstantComparison = z.infer<typeof InstantComparison>;
export type ListComparison = z.infer<typeof ListComparison>;
export type TraitCondition = z.infer<typeof TraitCondition>;
export type PropertyCondition = z.infer<typeof PropertyCondition>;
type FactComparison = NumberComparison | InstantComparison | boolean;
/** One fact by its name. */
export type FactCondition = { [fact: string]: FactComparison | undefined };
export type DidCondition = z.infer<typeof DidCondition>;
export type ConsentCondition = z.infer<typeof ConsentCondition>;
export type IdentityCondition = z.infer<typeof IdentityCondition>;

/** The inputs of the clauses by name. Domains add theirs by interface merging. */
export interface FilterClauses {
  trait: TraitCondition;
  fact: FactCondition;
  did: DidCondition;
  identity: IdentityCondition;
  consent: ConsentCondition;
}

/** A single clause. */
export type Leaf = {
  [Name in keyof FilterClauses]: Pick<FilterClauses, Name>;
}[keyof FilterClauses];

/** Selects customers. An empty `all` matches every customer, an empty `any` none. */
export type Filter = { all: Filter[] } | { any: Filter[] } | { not: Filter } | Leaf;
