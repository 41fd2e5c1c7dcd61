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
    ['2026-03-01T00:00:00-23:59', '2026-03-01T23:59:00.000Z'],
    ['2026-03-01T09:30:00-00:00', '2026-03-01T09:30:00.000Z'],
    ['2026-03-01T09:30:00+0000', '2026-03-01T09:30:00.000Z'],
    ['2026-03-01T09:30:00-0530', '2026-03-01T15:00:00.000Z'],
    ['2026-03-01T00:00:00.1234567890Z', '2026-03-01T00:00:00.123Z'],
    ['2024-01-05t10:00:00z', '2024-01-05T10:00:00.000Z'],
    ['2016-12-31T23:59:60Z', '2017-01-01T00:00:00.000Z'],
    ['2016-12-31T15:59:60-08:00', '2017-01-01T00:00:00.000Z'],
    ['2012-06-30t23:59:60.25z', '2012-07-01T00:00:00.250Z'],
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
    ['a leap second within a month', '2016-12-30T23:59:60Z'],
    ['a leap second within a day', '2016-12-31T22:59:60Z'],
    ['a leap second at midnight of another zone', '2016-12-31T23:59:60-08:00'],
    ['a second 61', '2016-12-31T23:59:61Z'],
    ['a leap second that ends the year 9999', '9999-12-31T23:59:60Z'],
    ['the year 0', '0000-06-01T00:00:00Z'],
    ['an instant that its offset moves to the year 0', '0001-01-01T00:00:00+01:00'],
    ['an instant that its offset moves to the year 10000', '9999-12-31T23:59:59-01:00'],
    ['an offset of 24 hours', '2026-01-01T00:00:00+24:00'],
    ['an offset of 60 minutes', '2026-01-01T00:00:00+01:60'],
    ['an offset without minutes', '2026-01-01T00:00:00+01'],
    ['no offset', '2026-01-01T00:00:00'],
    ['no seconds', '2026-01-01T00:00Z'],
    ['no time', '2026-01-01'],
    ['a fraction without digits', '2026-01-01T00:00:00.Z'],
    ['a line break', '2026-01-01T00:00:00Z\n'],
    ['a number', 0],
    ['nothing', null],
  ])('refuses %s', (_what, value) => {
    expect(parseInstant(value)).toBeUndefined();
  });
});
