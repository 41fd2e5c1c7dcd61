import { z } from 'zod';
import { riskBands } from '../../domains/churn/risk/risk-model.ts';
import { parseDuration } from '../../platform/time/duration.ts';
import { parseInstant } from '../../platform/time/instant.ts';

/**
 * The one language that says which customers: the value of the GraphQL input `CustomerFilter` as it is
 * sent and stored. The shapes below are the grammar; `parseFilter` accepts nothing else.
 */

const text = z.string().min(1).max(256);
const texts = z.array(text).min(1).max(100);
const value = z.number().refine(Number.isFinite, 'must be a finite number');
const instant = z.custom<string>(
  (given) => parseInstant(given) !== undefined,
  'must be an RFC 3339 date and time',
);
const duration = z.string().superRefine((told, ctx) => {
  const problem = parseDuration(told);
  if (typeof problem === 'string') ctx.addIssue({ code: 'custom', message: problem });
});
const range = <T extends z.ZodType>(bound: T) => z.strictObject({ from: bound, to: bound });

const oneOf = <S extends z.ZodRawShape>(shape: S) =>
  z
    .strictObject(shape)
    .partial()
    .refine((given) => Object.values(given).filter((part) => part !== undefined).length === 1, {
      error: `must have exactly one of: ${Object.keys(shape).join(', ')}`,
    });

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

export const StageCondition = z
  .strictObject({
    lifecycle: text.optional(),
    in: texts.optional(),
    notIn: texts.optional(),
    forAtLeast: duration.optional(),
    enteredWithin: duration.optional(),
    within: duration.optional(),
    ever: z.literal(true).optional(),
  })
  .superRefine((given, ctx) => {
    const lists = [given.in, given.notIn].filter((list) => list !== undefined);
    if (lists.length !== 1) {
      ctx.addIssue({ code: 'custom', message: 'must have exactly one of: in, notIn' });
    }
    const how = [given.forAtLeast, given.enteredWithin, given.within, given.ever];
    const limits = how.filter((limit) => limit !== undefined);
    if (limits.length > 1) {
      const message = 'must have at most one of: forAtLeast, enteredWithin, within, ever';
      ctx.addIssue({ code: 'custom', message });
    }
    if (given.notIn && (given.forAtLeast ?? given.enteredWithin) !== undefined) {
      const message = '`notIn` goes with `within` or `ever`, not with times in the stage';
      ctx.addIssue({ code: 'custom', message });
    }
  });

export const SegmentCondition = oneOf({ in: texts, notIn: texts });

export const IdentityCondition = z.strictObject({
  /** As in `Identity.kind`. */
  kind: text,
  value: TextComparison.optional(),
});

export const consentStates = ['GRANTED', 'DENIED', 'UNKNOWN'] as const;
export const ConsentCondition = z.strictObject({ purpose: text, is: z.enum(consentStates) });
export const TagCondition = oneOf({ in: texts, notIn: texts });

const share = value.refine((given) => given >= 0 && given <= 1, 'must be from 0 to 1');

/** A probability, from 0 to 1; the end of `between` does not belong to it. */
export const ShareComparison = oneOf({ atLeast: share, below: share, between: range(share) });

export const BandCondition = z
  .strictObject({
    in: z.array(z.enum(riskBands)).min(1).optional(),
    notIn: z.array(z.enum(riskBands)).min(1).optional(),
    forAtLeast: duration.optional(),
  })
  .superRefine((given, ctx) => {
    if ((given.in === undefined) === (given.notIn === undefined)) {
      ctx.addIssue({ code: 'custom', message: 'must have exactly one of: in, notIn' });
    }
    if (given.notIn && given.forAtLeast !== undefined) {
      ctx.addIssue({ code: 'custom', message: '`forAtLeast` goes with `in`' });
    }
  });

/** What is known of the danger of losing a customer; nothing holds of whoever is not assessed. */
export const RiskCondition = oneOf({
  band: BandCondition,
  score: ShareComparison,
  pAlive: ShareComparison,
  flagged: z.boolean(),
  flaggedForAtLeast: duration,
});

export const leafShapes = {
  trait: TraitCondition,
  fact: FactCondition,
  did: DidCondition,
  stage: StageCondition,
  segment: SegmentCondition,
  identity: IdentityCondition,
  consent: ConsentCondition,
  tag: TagCondition,
  risk: RiskCondition,
  /** Expected for a year as of just after the last order, in minor units. */
  lifetimeValue: NumberComparison,
};

export type NumberComparison = z.infer<typeof NumberComparison>;
export type TextComparison = z.infer<typeof TextComparison>;
export type InstantComparison = z.infer<typeof InstantComparison>;
export type ListComparison = z.infer<typeof ListComparison>;
export type TraitCondition = z.infer<typeof TraitCondition>;
export type PropertyCondition = z.infer<typeof PropertyCondition>;
export type FactCondition = z.infer<typeof FactCondition>;
export type DidCondition = z.infer<typeof DidCondition>;
export type StageCondition = z.infer<typeof StageCondition>;
export type SegmentCondition = z.infer<typeof SegmentCondition>;
export type IdentityCondition = z.infer<typeof IdentityCondition>;
export type ConsentCondition = z.infer<typeof ConsentCondition>;
export type TagCondition = z.infer<typeof TagCondition>;
export type ShareComparison = z.infer<typeof ShareComparison>;
export type RiskCondition = z.infer<typeof RiskCondition>;

/** A condition that is not made of others. */
export type Leaf =
  | { trait: TraitCondition }
  | { fact: FactCondition }
  | { did: DidCondition }
  | { stage: StageCondition }
  | { segment: SegmentCondition }
  | { identity: IdentityCondition }
  | { consent: ConsentCondition }
  | { tag: TagCondition }
  | { risk: RiskCondition }
  | { lifetimeValue: NumberComparison };

/** Which customers. `all` of nothing holds for everybody, `any` of nothing for nobody. */
export type Filter = { all: Filter[] } | { any: Filter[] } | { not: Filter } | Leaf;
