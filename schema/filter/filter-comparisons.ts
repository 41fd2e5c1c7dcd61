import { builder } from '../kernel/builder.ts';

const equals = 'The same.';
const notEquals = 'Another; a value that is absent or of another type is no other.';

const NumberRange = builder.inputType('NumberRange', {
  description: 'From a number to a number.',
  fields: (t) => ({
    from: t.float({ required: true, description: 'Belongs to it.' }),
    to: t.float({ required: true, description: 'Belongs to it.' }),
  }),
});

export const NumberComparison = builder.inputType('NumberComparison', {
  description:
    "How a number must be. Money facts are minor units (cents) of the workspace's currency. No comparison holds for a value that is absent.",
  isOneOf: true,
  fields: (t) => ({
    equals: t.float({ description: equals }),
    notEquals: t.float({ description: notEquals }),
    above: t.float({ description: 'More than this.' }),
    atLeast: t.float({ description: 'This or more.' }),
    below: t.float({ description: 'Less than this.' }),
    atMost: t.float({ description: 'This or less.' }),
    between: t.field({ type: NumberRange, description: 'Both ends belong to it.' }),
  }),
});

export const TextComparison = builder.inputType('TextComparison', {
  description:
    'How a text must be, in exactly this spelling. No comparison holds for a value that is absent or no text.',
  isOneOf: true,
  fields: (t) => ({
    equals: t.string({ description: equals }),
    notEquals: t.string({ description: notEquals }),
    in: t.stringList({ description: 'One of these, 1 to 100.' }),
    notIn: t.stringList({ description: 'A text that is none of these, 1 to 100.' }),
    contains: t.string({ description: 'This is a part of it.' }),
    startsWith: t.string({ description: 'It begins with this.' }),
    endsWith: t.string({ description: 'It ends with this.' }),
  }),
});

export const InstantRange = builder.inputType('InstantRange', {
  description: 'From an instant up to another.',
  fields: (t) => ({
    from: t.field({ type: 'DateTime', required: true, description: 'Belongs to it.' }),
    to: t.field({ type: 'DateTime', required: true, description: 'Belongs to it no more.' }),
  }),
});

const exists = 'Whether there is a value at all.';

/** Fixed instants; the windows that move with time are further fields where they make sense. */
const before = { type: 'DateTime', description: 'Earlier than this.' } as const;
const after = { type: 'DateTime', description: 'Later than this.' } as const;
const between = {
  type: InstantRange,
  description: 'From `from` on, and earlier than `to`.',
} as const;

export const InstantComparison = builder.inputType('InstantComparison', {
  description:
    'When something must have happened, or is to happen. A window that moves with time holds the instant at which it begins and not the one at which it ends: what lies exactly a span back is older than it, and no longer within it. Only `exists: false` holds for a value that is absent.',
  isOneOf: true,
  fields: (t) => ({
    before: t.field(before),
    after: t.field(after),
    between: t.field(between),
    exists: t.boolean({ description: exists }),
    withinLast: t.field({
      type: 'Duration',
      description: 'It has happened, and less than this span has gone by since.',
    }),
    olderThan: t.field({
      type: 'Duration',
      description: 'This span or more has gone by since.',
    }),
    withinNext: t.field({
      type: 'Duration',
      description: 'It is yet to come, and no more than this span is left.',
    }),
  }),
});

const FixedInstantComparison = builder.inputType('FixedInstantComparison', {
  description: 'When something must have happened, by fixed instants.',
  isOneOf: true,
  fields: (t) => ({
    before: t.field(before),
    after: t.field(after),
    between: t.field(between),
    exists: t.boolean({ description: exists }),
  }),
});

const ListComparison = builder.inputType('ListComparison', {
  description: 'What a list must hold. Only its elements that are texts are looked at.',
  isOneOf: true,
  fields: (t) => ({
    hasAny: t.stringList({ description: 'At least one of these, 1 to 100.' }),
    hasAll: t.stringList({ description: 'Every one of these, 1 to 100.' }),
  }),
});

const text = { type: TextComparison, description: 'It is a text, and so.' } as const;
const number = { type: NumberComparison, description: 'It is a number, and so.' } as const;
const list = { type: ListComparison, description: 'It is a list, and so.' } as const;
const aBoolean = 'It is this truth value.';
const aDate =
  "It is a text that is a date, and so: `YYYY-MM-DD` (midnight in the workspace's time zone) or RFC 3339 with an offset.";
const anything = 'Whether there is a value at all, of any type; null is none.';

export const TraitComparison = builder.inputType('TraitComparison', {
  description: 'How a told value must be. It holds only for a value of the type that is asked for.',
  isOneOf: true,
  fields: (t) => ({
    text: t.field(text),
    number: t.field(number),
    date: t.field({ type: InstantComparison, description: aDate }),
    boolean: t.boolean({ description: aBoolean }),
    list: t.field(list),
    exists: t.boolean({ description: anything }),
  }),
});

export const PropertyComparison = builder.inputType('PropertyComparison', {
  description:
    "How an event's property must be. It holds only for a value of the type that is asked for.",
  isOneOf: true,
  fields: (t) => ({
    text: t.field(text),
    number: t.field(number),
    date: t.field({ type: FixedInstantComparison, description: aDate }),
    boolean: t.boolean({ description: aBoolean }),
    list: t.field(list),
    exists: t.boolean({ description: anything }),
  }),
});
