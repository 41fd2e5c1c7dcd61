import { GraphQLError, Kind } from 'graphql';
import { parseDuration } from '../src/conditions/duration.ts';
import { builder } from './builder.ts';

const rfc3339 =
  /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])[Tt](?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d{1,9})?(?:[Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;

function parseInstant(value: unknown): Date {
  const instant = typeof value === 'string' && rfc3339.test(value) ? new Date(value) : undefined;
  if (instant === undefined || Number.isNaN(instant.getTime())) {
    throw new GraphQLError('A DateTime is a text like "2026-03-01T09:30:00Z" (RFC 3339).');
  }
  return instant;
}

function parseText(value: unknown): string {
  if (typeof value === 'string') return value;
  throw new GraphQLError('A Cursor is a text, exactly as it was received.');
}

function parseSpan(value: unknown): string {
  const problem = typeof value === 'string' ? parseDuration(value) : 'must be a text';
  if (typeof problem === 'string') throw new GraphQLError(`A Duration ${problem}.`);
  return value as string;
}

builder.scalarType('DateTime', {
  description: 'An instant in RFC 3339, such as "2026-03-01T09:30:00.000Z".',
  serialize: (value) => value.toISOString(),
  parseValue: parseInstant,
  parseLiteral: (node) => parseInstant(node.kind === Kind.STRING ? node.value : undefined),
});

builder.scalarType('JSON', {
  description: 'Any JSON value, as it was sent.',
  serialize: (value) => value,
});

builder.scalarType('Cursor', {
  description:
    'A place in the change log, opaque: everything up to it was seen. (The cursors of pages are plain strings and another thing.)',
  serialize: (value) => value,
  parseValue: parseText,
  parseLiteral: (node) => parseText(node.kind === Kind.STRING ? node.value : undefined),
});

builder.scalarType('Duration', {
  description:
    'A span of time in ISO 8601, such as "P30D" or "PT36H". Years, months, weeks and days follow the calendar of the workspace\'s time zone, hours and below are exact.',
  serialize: (value) => value,
  parseValue: parseSpan,
  parseLiteral: (node) => parseSpan(node.kind === Kind.STRING ? node.value : undefined),
});
