import { expect, it } from 'vitest';
import {
  type Grain,
  instantsBetween,
  maxInstants,
} from '../../../src/domains/segments/instants.ts';
import { InvalidInput } from '../../../src/platform/errors.ts';

const list = (from: string, to: string, grain: Grain, timeZone = 'UTC') =>
  instantsBetween(new Date(from), new Date(to), { grain, timeZone }).map((at) =>
    at.toISOString().replace('.000Z', 'Z'),
  );

it.each<[string, Grain, string, string, string, string[]]>([
  [
    'hours',
    'HOUR',
    'UTC',
    '2026-03-01T10:30:00Z',
    '2026-03-01T12:30:00Z',
    ['2026-03-01T10:30:00Z', '2026-03-01T11:30:00Z', '2026-03-01T12:30:00Z'],
  ],
  [
    'days and excludes a partial last one',
    'DAY',
    'UTC',
    '2026-03-01T00:00:00Z',
    '2026-03-02T23:59:59Z',
    ['2026-03-01T00:00:00Z', '2026-03-02T00:00:00Z'],
  ],
  [
    'days across a clock change at the same local time',
    'DAY',
    'Europe/Berlin',
    '2026-03-28T00:00:00+01:00',
    '2026-03-30T00:00:00+02:00',
    ['2026-03-27T23:00:00Z', '2026-03-28T23:00:00Z', '2026-03-29T22:00:00Z'],
  ],
  [
    'weeks',
    'WEEK',
    'UTC',
    '2026-01-01T00:00:00Z',
    '2026-01-16T00:00:00Z',
    ['2026-01-01T00:00:00Z', '2026-01-08T00:00:00Z', '2026-01-15T00:00:00Z'],
  ],
  [
    'months from the 31st, back to the 31st after a shorter month',
    'MONTH',
    'UTC',
    '2026-01-31T00:00:00Z',
    '2026-03-31T00:00:00Z',
    ['2026-01-31T00:00:00Z', '2026-02-28T00:00:00Z', '2026-03-31T00:00:00Z'],
  ],
  [
    'a single instant if both ends are equal',
    'DAY',
    'UTC',
    '2026-03-01T00:00:00Z',
    '2026-03-01T00:00:00Z',
    ['2026-03-01T00:00:00Z'],
  ],
])('lists %s', (_case, grain, timeZone, from, to, expected) => {
  expect(list(from, to, grain, timeZone)).toEqual(expected);
});

it(`accepts ${maxInstants} instants and refuses one more`, () => {
  const start = Date.parse('2026-01-01T00:00:00Z');
  const until = (hours: number) => new Date(start + hours * 3_600_000);
  const hourly = { grain: 'HOUR', timeZone: 'UTC' } as const;

  expect(instantsBetween(until(0), until(maxInstants - 1), hourly)).toHaveLength(maxInstants);
  expect(() => instantsBetween(until(0), until(maxInstants), hourly)).toThrow(InvalidInput);
});

it('refuses a range whose end precedes its start', () => {
  expect(() => list('2026-03-02', '2026-03-01', 'DAY')).toThrow('`from` must not lie after `to`');
});
