import { expect, it } from 'vitest';
import { readDate, shift } from '../../support/reference-calendar.ts';

const newYork = 'America/New_York';
const later = (at: string, span: string, zone: string) =>
  new Date(shift(Date.parse(at), span, zone)).toISOString();
const earlier = (at: string, span: string, zone: string) =>
  new Date(shift(Date.parse(at), span, zone, -1)).toISOString();
const date = (value: unknown, zone = 'UTC') => {
  const at = readDate(value, zone);
  return at === undefined ? undefined : new Date(at).toISOString();
};

// The expected values are those of PostgreSQL 18 for (x at time zone z + span) at time zone z.
it.each([
  [
    'keeps the time of day over a night that has 25 hours',
    '2024-11-02T12:00:00Z',
    'P1D',
    newYork,
    '2024-11-03T13:00:00.000Z',
  ],
  [
    'adds hours exactly over a night that has 25 hours',
    '2024-11-02T12:00:00Z',
    'PT24H',
    newYork,
    '2024-11-03T12:00:00.000Z',
  ],
  [
    'chooses the later of two equal local times',
    '2024-11-02T05:30:00Z',
    'P1D',
    newYork,
    '2024-11-03T06:30:00.000Z',
  ],
  [
    'chooses the later of two midnights',
    '2024-11-02T04:00:00Z',
    'P1D',
    'America/Havana',
    '2024-11-03T05:00:00.000Z',
  ],
  [
    'interprets a skipped local time with the previous offset',
    '2025-03-08T07:30:00Z',
    'P1D',
    newYork,
    '2025-03-09T07:30:00.000Z',
  ],
  [
    'interprets a skipped midnight with the previous offset',
    '2025-03-08T05:00:00Z',
    'P1D',
    'America/Havana',
    '2025-03-09T05:00:00.000Z',
  ],
  [
    'interprets a skipped local time in Europe',
    '2025-03-29T01:30:00Z',
    'P1D',
    'Europe/Berlin',
    '2025-03-30T01:30:00.000Z',
  ],
  [
    'interprets a skipped local time in the southern hemisphere',
    '2024-09-27T14:15:00Z',
    'P1D',
    'Pacific/Auckland',
    '2024-09-28T14:15:00.000Z',
  ],
  [
    'interprets a local time in a skipped half hour',
    '2024-10-04T15:45:00Z',
    'P1D',
    'Australia/Lord_Howe',
    '2024-10-05T15:45:00.000Z',
  ],
  [
    'limits a day to the last one of a shorter month',
    '2024-01-31T12:00:00Z',
    'P1M',
    'UTC',
    '2024-02-29T12:00:00.000Z',
  ],
  ['adds days after months', '2024-01-31T12:00:00Z', 'P1M1D', 'UTC', '2024-03-01T12:00:00.000Z'],
  ['adds a year to a leap day', '2024-02-29T12:00:00Z', 'P1Y', 'UTC', '2025-02-28T12:00:00.000Z'],
  ['adds exact time last', '2024-11-02T05:30:00Z', 'P1DT1H', newYork, '2024-11-03T07:30:00.000Z'],
  ['adds milliseconds', '2024-11-02T05:30:00Z', 'PT0.001S', newYork, '2024-11-02T05:30:00.001Z'],
  ['adds weeks', '2024-10-28T12:00:00Z', 'P1W', 'UTC', '2024-11-04T12:00:00.000Z'],
])('%s', (_, at, span, zone, expected) => {
  expect(later(at, span, zone)).toBe(expected);
});

it('subtracts durations by the same rules', () => {
  expect(earlier('2024-11-03T13:00:00Z', 'P1D', newYork)).toBe('2024-11-02T12:00:00.000Z');
  expect(earlier('2024-03-31T12:00:00Z', 'P1M', 'UTC')).toBe('2024-02-29T12:00:00.000Z');
  expect(earlier('2025-03-10T06:30:00Z', 'P1DT1H', newYork)).toBe('2025-03-09T06:30:00.000Z');
});

it('parses days in the zone and instants by their offset, and refuses other text', () => {
  expect(date('2024-07-01', newYork)).toBe('2024-07-01T04:00:00.000Z');
  expect(date('2025-03-09', 'America/Havana')).toBe('2025-03-09T05:00:00.000Z');
  expect(date('2024-11-03', 'America/Havana')).toBe('2024-11-03T05:00:00.000Z');
  expect(date('2024-07-01T02:00:00+02:00', newYork)).toBe('2024-07-01T00:00:00.000Z');
  expect(date('2024-07-01t02:00:00.5z')).toBe('2024-07-01T02:00:00.500Z');
  const none = ['2024-02-30', '2024-7-1', '2024-07-01T02:00:00', '2024-07-01T24:00:00Z', '', 'now'];
  for (const value of [...none, 20240701, true, null, ['2024-07-01'], undefined]) {
    expect(date(value)).toBe(undefined);
  }
});
