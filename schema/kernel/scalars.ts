import { GraphQLError, Kind } from 'graphql';
import { parseDuration } from '../../src/platform/time/duration.ts';
import { parseInstant } from '../../src/platform/time/instant.ts';
import { builder } from './builder.ts';

function requireInstant(value: unknown): Date {
  const instant = parseInstant(value);
  if (instant) return instant;
  throw new GraphQLError(
    'A DateTime is a text like "2026-03-01T09:30:00Z" (RFC 3339) that names a day which exists.',
  );
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
  description:
    'An instant in RFC 3339 from the year 1 to 9999, such as "2026-03-01T09:30:00.000Z". Days that do not exist and leap seconds (":60") are refused.',
  serialize: (value) => value.toISOString(),
  parseValue: requireInstant,
  parseLiteral: (node) => requireInstant(node.kind === Kind.STRING ? node.value : undefined),
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
