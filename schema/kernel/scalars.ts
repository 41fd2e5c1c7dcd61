import { GraphQLError, GraphQLFloat, Kind, type ValueNode } from 'graphql';
import { parseDuration } from '../../src/platform/time/duration.ts';
import { parseInstant } from '../../src/platform/time/instant.ts';
import { builder } from './builder.ts';

function requireInstant(value: unknown): Date {
  const instant = parseInstant(value);
  if (instant) return instant;
  throw new GraphQLError(
    'A DateTime must be a string such as "2026-03-01T09:30:00Z" (RFC 3339) with an existing day.',
  );
}

function parseText(value: unknown): string {
  if (typeof value === 'string') return value;
  throw new GraphQLError('A Cursor must be a string, unchanged as received.');
}

function parseSpan(value: unknown): string {
  const problem = typeof value === 'string' ? parseDuration(value) : 'must be a string';
  if (typeof problem === 'string') throw new GraphQLError(`A Duration ${problem}.`);
  return value as string;
}

builder.scalarType('DateTime', {
  description:
    'A time in RFC 3339 from the year 1 to 9999, such as "2026-03-01T09:30:00.000Z". Nonexistent days are refused. A leap second (":60") is counted as the first second of the next month.',
  serialize: (value) => value.toISOString(),
  parseValue: requireInstant,
  parseLiteral: (node) => requireInstant(node.kind === Kind.STRING ? node.value : undefined),
});

/** As `parseJson` reads the same value in variables. */
function parseJsonLiteral(node: ValueNode, variables?: Record<string, unknown> | null): unknown {
  switch (node.kind) {
    case Kind.INT:
      return Number.isSafeInteger(Number(node.value)) ? Number(node.value) : node.value;
    case Kind.FLOAT:
      return Number(node.value);
    case Kind.LIST:
      return node.values.map((part) => parseJsonLiteral(part, variables));
    case Kind.OBJECT:
      return Object.fromEntries(
        node.fields.map(({ name, value }) => [name.value, parseJsonLiteral(value, variables)]),
      );
    case Kind.VARIABLE:
      return variables?.[node.name.value];
    case Kind.NULL:
      return null;
    default:
      return node.value;
  }
}

builder.scalarType('JSON', {
  description:
    'Any JSON value. An integer beyond ±(2^53 − 1) is read as a string of its digits; decimals are IEEE doubles.',
  serialize: (value) => value,
  parseValue: (value) => value,
  parseLiteral: parseJsonLiteral,
});

const largeInteger = /^-?\d{16,}$/;

// Large integers in variables arrive as strings of their digits. Pothos cannot replace a scalar of graphql-js.
const { parseValue: parseFloatValue } = GraphQLFloat;
GraphQLFloat.parseValue = (value) =>
  parseFloatValue(typeof value === 'string' && largeInteger.test(value) ? Number(value) : value);

builder.scalarType('Cursor', {
  description:
    'An opaque position in the change log. Page cursors are plain strings and not interchangeable with it.',
  serialize: (value) => value,
  parseValue: parseText,
  parseLiteral: (node) => parseText(node.kind === Kind.STRING ? node.value : undefined),
});

builder.scalarType('Duration', {
  description:
    'A duration in ISO 8601, such as "P30D" or "PT36H". Years, months, weeks and days follow the calendar in the time zone of the workspace; hours and smaller units are exact.',
  serialize: (value) => value,
  parseValue: parseSpan,
  parseLiteral: (node) => parseSpan(node.kind === Kind.STRING ? node.value : undefined),
});
