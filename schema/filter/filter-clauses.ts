import type { consentStates } from '../../src/engine/conditions/consent-clause.ts';
import type { BooleanFact, InstantFact, NumberFact } from '../../src/engine/conditions/filter.ts';
import { EventType } from '../customers/event.ts';
import { builder } from '../kernel/builder.ts';
import {
  InstantComparison,
  InstantRange,
  NumberComparison,
  PropertyComparison,
  TextComparison,
  TraitComparison,
} from './filter-comparisons.ts';

export const TraitCondition = builder.inputType('TraitCondition', {
  description: 'What `identify` told last under one name.',
  fields: (t) => ({
    name: t.string({ required: true, description: 'In exactly this spelling.' }),
    is: t.field({ type: TraitComparison, required: true }),
  }),
});

const numberFields = {
  orderCount: 'The number of orders, in any currency.',
  events: 'How many events.',
  activeDays: "Days with at least one event, in the workspace's time zone.",
  sessions: 'Visits, as in `Customer.sessionCount`.',
  subscriptionRenewals: 'How often the subscription was renewed.',
  grossRevenue: "The sum of the orders in the workspace's currency, in minor units.",
  refunded: 'What was given back, in minor units.',
  netRevenue: 'Orders less refunds, in minor units.',
  averageOrderValue:
    'Gross revenue by order, in minor units and fractions of them; absent without orders.',
} as const satisfies Record<NumberFact, string>;

const instantFields = {
  firstSeenAt: 'The first event.',
  lastSeenAt: 'The latest event.',
  leadAt: 'Captured as a lead or signed up, whichever came first.',
  signedUpAt: 'Signed up.',
  firstOrderAt: 'The first order.',
  lastOrderAt: 'The latest order.',
  subscriptionStartedAt: 'The subscription was started, the last time.',
  subscriptionRenewedAt: 'It was renewed, the last time.',
  subscriptionCancelledAt:
    'It was cancelled, the last time, though it may have been started again since.',
} as const satisfies Record<InstantFact, string>;

const booleanFields = {
  identified: 'Known by a user id or an e-mail address.',
  subscribed: 'The subscription was started or renewed, and not cancelled since.',
} as const satisfies Record<BooleanFact, string>;

type Entries<T> = Array<{ [K in keyof T]: [K, T[K]] }[keyof T]>;
const entriesOf = <T extends object>(table: T) => Object.entries(table) as Entries<T>;

export const FactCondition = builder.inputType('FactCondition', {
  description: 'What is kept about every customer: the sum of all its events.',
  isOneOf: true,
  fields: (t) => {
    const numbers = entriesOf(numberFields).map(
      ([name, description]) => [name, t.field({ type: NumberComparison, description })] as const,
    );
    const instants = entriesOf(instantFields).map(
      ([name, description]) => [name, t.field({ type: InstantComparison, description })] as const,
    );
    const booleans = entriesOf(booleanFields).map(
      ([name, description]) => [name, t.boolean({ description })] as const,
    );
    return Object.fromEntries([...numbers, ...instants, ...booleans]);
  },
});

const PropertyCondition = builder.inputType('PropertyCondition', {
  description: 'What an event was sent with under one name.',
  fields: (t) => ({
    name: t.string({
      required: true,
      description: 'A property at the top level, in exactly this spelling.',
    }),
    is: t.field({ type: PropertyComparison, required: true }),
  }),
});

const DidWindow = builder.inputType('DidWindow', {
  description: 'When the events must have happened.',
  isOneOf: true,
  fields: (t) => ({
    within: t.field({
      type: 'Duration',
      description: 'Less than this span ago: an event exactly so long ago is out.',
    }),
    between: t.field({ type: InstantRange, description: 'From `from` on, and before `to`.' }),
  }),
});

const PropertyMeasure = builder.inputType('PropertyMeasure', {
  description: 'A number that is made of one property of the events.',
  fields: (t) => ({
    property: t.string({ required: true }),
    is: t.field({ type: NumberComparison, required: true }),
  }),
});

const overNumbers = 'events whose property is no number do not take part.';

const DidMeasure = builder.inputType('DidMeasure', {
  description: 'What is asked of the matching events.',
  isOneOf: true,
  fields: (t) => ({
    count: t.field({ type: NumberComparison, description: 'How many there are.' }),
    sum: t.field({
      type: PropertyMeasure,
      description: `The sum of a property as it was sent; ${overNumbers} Zero without any.`,
    }),
    min: t.field({
      type: PropertyMeasure,
      description: `The smallest; ${overNumbers} Absent without any.`,
    }),
    max: t.field({
      type: PropertyMeasure,
      description: `The largest; ${overNumbers} Absent without any.`,
    }),
    distinct: t.field({
      type: PropertyMeasure,
      description: 'How many different texts, numbers and truth values the property had.',
    }),
    first: t.field({
      type: InstantComparison,
      description: 'When the earliest of them happened; absent without any.',
    }),
    last: t.field({
      type: InstantComparison,
      description: 'When the latest of them happened; absent without any.',
    }),
  }),
});

export const DidCondition = builder.inputType('DidCondition', {
  description:
    'What a customer did, told by its events: those of one kind, with one of the names, that meet every `where`, in the window. To ask for who did not, put it into `not` or ask for a count of 0.',
  fields: (t) => ({
    event: t.stringList({
      required: true,
      description: 'Any of these names, 1 to 100, in exactly this spelling.',
    }),
    kind: t.field({ type: EventType, description: 'TRACK when absent.' }),
    where: t.field({ type: [PropertyCondition], description: 'All of them hold; at most 20.' }),
    window: t.field({ type: DidWindow, description: 'Ever when absent.' }),
    measure: t.field({ type: DidMeasure, description: 'At least one event when absent.' }),
  }),
});

export const IdentityCondition = builder.inputType('IdentityCondition', {
  description: 'A name that leads to the customer.',
  fields: (t) => ({
    kind: t.string({ required: true, description: 'As in `Identity.kind`, such as "email".' }),
    value: t.field({ type: TextComparison, description: 'Any name of the kind when absent.' }),
  }),
});

const consentValues = {
  GRANTED: { description: 'The customer said yes.' },
  DENIED: { description: 'The customer said no.' },
  UNKNOWN: { description: 'Nobody told.' },
} as const satisfies Record<(typeof consentStates)[number], { description: string }>;

export const ConsentState = builder.enumType('ConsentState', {
  description: 'What is known of a consent.',
  values: consentValues,
});

export const ConsentCondition = builder.inputType('ConsentCondition', {
  description: 'Whether a customer agreed to one purpose.',
  fields: (t) => ({
    purpose: t.string({ required: true, description: 'Such as "newsletter", as it was told.' }),
    is: t.field({ type: ConsentState, required: true }),
  }),
});

export const TagCondition = builder.inputType('TagCondition', {
  description: 'Tags, in exactly this spelling.',
  isOneOf: true,
  fields: (t) => ({
    in: t.stringList({ description: 'Has any of these, 1 to 100.' }),
    notIn: t.stringList({ description: 'Has none of these, 1 to 100.' }),
  }),
});
