import { describe, expect, it } from 'vitest';
import { parseInstant } from '../../../src/platform/time/instant.ts';

describe('parseInstant', () => {
  it.each([
    ['2024-02-29T00:00:00Z', '2024-02-29T00:00:00.000Z'],
    ['2000-02-29T23:59:59.999Z', '2000-02-29T23:59:59.999Z'],
    ['2026-03-01t09:30:00z', '2026-03-01T09:30:00.000Z'],
    ['2026-03-01T09:30:00.123456789Z', '2026-03-01T09:30:00.123Z'],
    ['2026-03-01T00:00:00+14:00', '2026-02-28T10:00:00.000Z'],
    ['2026-03-01T00:00:00-15:59', '2026-03-01T15:59:00.000Z'],
    ['0001-01-01T00:00:00Z', '0001-01-01T00:00:00.000Z'],
    ['9999-12-31T23:59:59Z', '9999-12-31T23:59:59.000Z'],
  ])('parses %s', (text, expected) => {
    expect(parseInstant(text)?.toISOString()).toBe(expected);
  });

  it.each([
    ['a day beyond the end of February', '2026-02-30T00:00:00Z'],
    ['a day beyond the end of April', '2026-04-31T00:00:00Z'],
    ['a leap day in a common year', '2025-02-29T00:00:00Z'],
    ['a leap day in a century that has none', '1900-02-29T00:00:00Z'],
    ['a month 13', '2026-13-01T00:00:00Z'],
    ['a month 0', '2026-00-01T00:00:00Z'],
    ['an hour 24', '2026-01-01T24:00:00Z'],
    ['a leap second', '2016-12-31T23:59:60Z'],
    ['the year 0', '0000-06-01T00:00:00Z'],
    ['an instant that its offset moves to the year 0', '0001-01-01T00:00:00+01:00'],
    ['an instant that its offset moves to the year 10000', '9999-12-31T23:59:59-01:00'],
    ['an offset that PostgreSQL does not accept', '2026-01-01T00:00:00+16:00'],
    ['no offset', '2026-01-01T00:00:00'],
    ['no seconds', '2026-01-01T00:00Z'],
    ['no time', '2026-01-01'],
    ['a fraction without digits', '2026-01-01T00:00:00.Z'],
    ['a fraction of ten digits', '2026-01-01T00:00:00.1234567890Z'],
    ['a line break', '2026-01-01T00:00:00Z\n'],
    ['a number', 0],
    ['nothing', null],
  ])('refuses %s', (_what, value) => {
    expect(parseInstant(value)).toBeUndefined();
  });
});
