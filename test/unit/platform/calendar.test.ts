import fc from 'fast-check';
import { DateTime } from 'luxon';
import { expect, it } from 'vitest';
import { dayOf } from '../../../src/platform/time/day-of.ts';

it.each([
  ['2024-05-01T23:59:59.999Z', 'UTC', '2024-05-01'],
  ['2024-05-01T22:00:00.000Z', 'Europe/Berlin', '2024-05-02'],
  ['2024-05-01T03:59:59.999Z', 'America/New_York', '2024-04-30'],
  // The hour after midnight occurs twice.
  ['2024-11-03T04:30:00.000Z', 'America/Havana', '2024-11-03'],
  ['2024-11-03T05:30:00.000Z', 'America/Havana', '2024-11-03'],
  // The hour after midnight is skipped.
  ['2017-10-15T02:59:59.999Z', 'America/Sao_Paulo', '2017-10-14'],
  ['2017-10-15T03:00:00.000Z', 'America/Sao_Paulo', '2017-10-15'],
  // The 30th was skipped.
  ['2011-12-30T10:00:00.000Z', 'Pacific/Apia', '2011-12-31'],
  ['0999-01-01T00:00:00.000Z', 'UTC', '0999-01-01'],
])('%s is in %s on %s', (at, timeZone, day) => {
  expect(dayOf(new Date(at), timeZone)).toBe(day);
});

it('adds durations like luxon in every time zone', () => {
  const zones = fc.constantFrom(...Intl.supportedValuesOf('timeZone'), 'UTC', 'Etc/GMT+12');
  const instants = fc.date({
    min: new Date('1900-01-01T00:00:00Z'),
    max: new Date('2100-01-01T00:00:00Z'),
    noInvalidDate: true,
  });
  fc.assert(
    fc.property(instants, zones, (at, timeZone) => {
      expect(dayOf(at, timeZone)).toBe(DateTime.fromJSDate(at, { zone: timeZone }).toISODate());
    }),
    { numRuns: 500 },
  );
});
