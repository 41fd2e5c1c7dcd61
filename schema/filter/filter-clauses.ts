import type { ConsentState as State } from '../../src/engine/customers/consents.ts';
import { factType, namedFacts } from '../../src/engine/customers/fact-table.ts';
import { EventType } from '../customers/event.ts';
import { builder } from '../kernel/builder.ts';
import {
  InstantComparisonInput,
  InstantRange,
  NumberComparisonInput,
  PropertyComparison,
  TextComparisonInput,
  TraitComparison,
} from './filter-comparisons.ts';

export const TraitConditionInput = builder.inputType('TraitCondition', {
  description: 'The latest value of one trait from `identify` calls.',
  fields: (t) => ({
    name: t.string({ required: true, description: 'The name of the trait, case-sensitive.' }),
    is: t.field({ type: TraitComparison, required: true }),
  }),
});

export const FactConditionInput = builder.inputType('FactCondition', {
  description: 'A fact of a customer, derived from all its events.',
  isOneOf: true,
  fields: (t) => {
    const types = {
      number: NumberComparisonInput,
      instant: InstantComparisonInput,
      boolean: 'Boolean',
    } as const;
    const facts = [...namedFacts()].map(([name, fact]) => {
      const { description } = fact;
      return [name, t.field({ type: types[factType(fact)], description })] as const;
    });
    return Object.fromEntries(facts);
  },
});

const PropertyCondition = builder.inputType('PropertyCondition', {
  description: 'A property of an event.',
  fields: (t) => ({
    name: t.string({
      required: true,
      description: 'The name of a top-level property, case-sensitive.',
    }),
    is: t.field({ type: PropertyComparison, required: true }),
  }),
});

const DidWindow = builder.inputType('DidWindow', {
  description: 'The time window of the events.',
  isOneOf: true,
  fields: (t) => ({
    within: t.field({
      type: 'Duration',
      description: 'Less than this duration ago, exclusive.',
    }),
    between: t.field({
      type: InstantRange,
      description: 'From `from`, inclusive, to `to`, exclusive.',
    }),
  }),
});

const PropertyMeasure = builder.inputType('PropertyMeasure', {
  description: 'A number computed from one property of the events.',
  fields: (t) => ({
    property: t.string({ required: true }),
    is: t.field({ type: NumberComparisonInput, required: true }),
  }),
});

const overNumbers =
  "numbers and decimals in strings count, other values are ignored. An amount of an order or refund (`total`, `revenue`, `tax`, `shipping`, `discount`) counts in major units with the decimals of its currency, and only if that is the workspace's or the one that `where` requires with `currency` equal to a code.";

const DidMeasure = builder.inputType('DidMeasure', {
  description: 'A measure of the matching events.',
  isOneOf: true,
  fields: (t) => ({
    count: t.field({ type: NumberComparisonInput, description: 'The number of events.' }),
    sum: t.field({
      type: PropertyMeasure,
      description: `The sum of a property: ${overNumbers} Zero if there are none.`,
    }),
    min: t.field({
      type: PropertyMeasure,
      description: `The minimum of a property: ${overNumbers} Absent if there are none.`,
    }),
    max: t.field({
      type: PropertyMeasure,
      description: `The maximum of a property: ${overNumbers} Absent if there are none.`,
    }),
    distinct: t.field({
      type: PropertyMeasure,
      description: 'The number of distinct strings, numbers and booleans of a property.',
    }),
    first: t.field({
      type: InstantComparisonInput,
      description: 'When the first event happened. Absent if there are none.',
    }),
    last: t.field({
      type: InstantComparisonInput,
      description: 'When the last event happened. Absent if there are none.',
    }),
  }),
});

export const DidConditionInput = builder.inputType('DidCondition', {
  description:
    'Events of the customer with one of the names, of one kind, that match all of `where`, in the window. To find customers without such events, use `not` or a count of 0.',
  fields: (t) => ({
    event: t.stringList({
      required: true,
      description: 'The names of the events, 1 to 100, case-sensitive.',
    }),
    kind: t.field({ type: EventType, description: 'Default: TRACK.' }),
    where: t.field({ type: [PropertyCondition], description: 'All must match. At most 20.' }),
    window: t.field({ type: DidWindow, description: 'Default: no time limit.' }),
    measure: t.field({ type: DidMeasure, description: 'Default: at least one event.' }),
  }),
});

export const IdentityConditionInput = builder.inputType('IdentityCondition', {
  description: 'An identity of the customer.',
  fields: (t) => ({
    kind: t.string({ required: true, description: 'See `Identity.kind`, for example "email".' }),
    value: t.field({
      type: TextComparisonInput,
      description: 'Default: any identity of the kind.',
    }),
  }),
});

const consentValues = {
  GRANTED: { description: 'The customer granted consent.' },
  DENIED: { description: 'The customer denied consent.' },
  UNKNOWN: { description: 'No decision is recorded.' },
} as const satisfies Record<State, { description: string }>;

export const ConsentState = builder.enumType('ConsentState', {
  description: 'The state of a consent.',
  values: consentValues,
});

export const ConsentConditionInput = builder.inputType('ConsentCondition', {
  description: 'The consent of a customer to one purpose.',
  fields: (t) => ({
    purpose: t.string({ required: true, description: 'For example "newsletter", case-sensitive.' }),
    channel: t.string({
      description:
        'For example "email", case-sensitive. The latest decision about this channel or about all channels counts. Default: only decisions about all channels count.',
    }),
    is: t.field({ type: ConsentState, required: true }),
  }),
});

export const TagConditionInput = builder.inputType('TagCondition', {
  description: 'The tags of a customer, case-sensitive.',
  isOneOf: true,
  fields: (t) => ({
    in: t.stringList({ description: 'Has at least one of these tags, 1 to 100.' }),
    notIn: t.stringList({ description: 'Has none of these tags, 1 to 100.' }),
  }),
});
