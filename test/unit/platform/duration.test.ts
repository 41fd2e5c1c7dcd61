import { expect, it } from 'vitest';
import { parseDuration } from '../../../src/platform/time/duration.ts';

it('parses years to weeks as calendar time and hours to milliseconds as exact time', () => {
  expect(parseDuration('P1Y2M')).toEqual({ months: 14, days: 0, ms: 0 });
  expect(parseDuration('P2W3D')).toEqual({ months: 0, days: 17, ms: 0 });
  expect(parseDuration('PT1H1M1.5S')).toEqual({ months: 0, days: 0, ms: 3_661_500 });
  expect(parseDuration('P1MT0.001S')).toEqual({ months: 1, days: 0, ms: 1 });
});

it.each([
  '',
  'P',
  'PT',
  'P1',
  '1D',
  'P1DT',
  'P-1D',
  '-P1D',
  'P1.5D',
  'P1D2M',
  'PT1S1H',
  'PT1.0005S',
  'p1d',
  ' P1D',
  'P1D\n',
])('refuses %j', (value) => {
  expect(parseDuration(value)).toBe('must be an ISO 8601 duration such as "P30D" or "PT12H"');
});

it('refuses durations of zero and of more than 100 years', () => {
  expect(parseDuration('P0D')).toBe('must be longer than zero');
  expect(parseDuration('PT0S')).toBe('must be longer than zero');
  expect(parseDuration('P100Y')).toMatchObject({ months: 1_200 });
  expect(parseDuration('P101Y')).toBe('must not be longer than 100 years');
});
