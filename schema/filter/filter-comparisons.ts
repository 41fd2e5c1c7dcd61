import { builder, type InputField } from '../kernel/builder.ts';

const equals = 'Equal to this value.';
const notEquals = 'A different value of the same type. Absent values do not match.';

const NumberRange = builder.inputType('NumberRange', {
  description: 'A range of numbers.',
  fields: (t) => ({
    from: t.float({ required: true, description: 'Inclusive.' }),
    to: t.float({ required: true, description: 'Inclusive.' }),
  }),
});

export const NumberComparisonInput = builder.inputType('NumberComparison', {
  description:
    "A comparison of a number. Amounts are in minor units (cents) of the workspace's currency. Absent values never match.",
  isOneOf: true,
  fields: (t) => ({
    equals: t.float({ description: equals }),
    notEquals: t.float({ description: notEquals }),
    above: t.float({ description: 'Greater than.' }),
    atLeast: t.float({ description: 'Greater than or equal to.' }),
    below: t.float({ description: 'Less than.' }),
    atMost: t.float({ description: 'Less than or equal to.' }),
    between: t.field({ type: NumberRange, description: 'Within a range, both ends inclusive.' }),
  }),
});

export const TextComparisonInput = builder.inputType('TextComparison', {
  description:
    'A comparison of a string, case-sensitive. Absent values and other types never match.',
  isOneOf: true,
  fields: (t) => ({
    equals: t.string({ description: equals }),
    notEquals: t.string({ description: notEquals }),
    in: t.stringList({ description: 'Equal to one of these, 1 to 100.' }),
    notIn: t.stringList({ description: 'A string that equals none of these, 1 to 100.' }),
    contains: t.string({ description: 'Contains this substring.' }),
    startsWith: t.string({ description: 'Starts with this string.' }),
    endsWith: t.string({ description: 'Ends with this string.' }),
  }),
});

export const InstantRange = builder.inputType('InstantRange', {
  description: 'A range of time.',
  fields: (t) => ({
    from: t.field({ type: 'DateTime', required: true, description: 'Inclusive.' }),
    to: t.field({ type: 'DateTime', required: true, description: 'Exclusive.' }),
  }),
});

const fixedTimes = (t: InputField) => ({
  before: t.field({ type: 'DateTime', description: 'Earlier than this time.' }),
  after: t.field({ type: 'DateTime', description: 'Later than this time.' }),
  between: t.field({
    type: InstantRange,
    description: 'From `from`, inclusive, to `to`, exclusive.',
  }),
  exists: t.boolean({ description: 'True matches any value, false matches absent values.' }),
});

export const InstantComparisonInput = builder.inputType('InstantComparison', {
  description:
    'A comparison of a time, fixed or relative to the present. A value exactly one duration ago matches `olderThan`, not `withinLast`. Absent values match only `exists: false`.',
  isOneOf: true,
  fields: (t) => ({
    ...fixedTimes(t),
    withinLast: t.field({
      type: 'Duration',
      description: 'In the past, less than this duration ago.',
    }),
    olderThan: t.field({ type: 'Duration', description: 'This duration ago or longer.' }),
    withinNext: t.field({
      type: 'Duration',
      description: 'In the future, at most this duration from now.',
    }),
  }),
});

const FixedInstantComparison = builder.inputType('FixedInstantComparison', {
  description: 'A comparison of a time with fixed times.',
  isOneOf: true,
  fields: fixedTimes,
});

const ListComparison = builder.inputType('ListComparison', {
  description: 'A comparison of a list. Only string elements are considered.',
  isOneOf: true,
  fields: (t) => ({
    hasAny: t.stringList({ description: 'Contains at least one of these, 1 to 100.' }),
    hasAll: t.stringList({ description: 'Contains all of these, 1 to 100.' }),
  }),
});

/** A value of any JSON type: traits are compared with the present too, properties with fixed times only. */
const valueFields =
  (date: typeof InstantComparisonInput | typeof FixedInstantComparison) => (t: InputField) => ({
    text: t.field({
      type: TextComparisonInput,
      description: 'The value is a string and matches this comparison.',
    }),
    number: t.field({
      type: NumberComparisonInput,
      description: 'The value is a number and matches this comparison.',
    }),
    date: t.field({
      type: date,
      description:
        "The value is a date and matches this comparison: `YYYY-MM-DD` (midnight in the workspace's time zone) or RFC 3339 with an offset.",
    }),
    boolean: t.boolean({ description: 'The value is this boolean.' }),
    list: t.field({
      type: ListComparison,
      description: 'The value is a list and matches this comparison.',
    }),
    exists: t.boolean({
      description: 'True matches any value of any type, false matches absent values and null.',
    }),
  });

export const TraitComparison = builder.inputType('TraitComparison', {
  description: 'A comparison of a trait. It matches only values of the given type.',
  isOneOf: true,
  fields: valueFields(InstantComparisonInput),
});

export const PropertyComparison = builder.inputType('PropertyComparison', {
  description: 'A comparison of an event property. It matches only values of the given type.',
  isOneOf: true,
  fields: valueFields(FixedInstantComparison),
});
