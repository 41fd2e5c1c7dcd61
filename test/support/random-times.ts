import fc from 'fast-check';
import { msPerDay } from '../../src/platform/time/ms-per-day.ts';

const msPerMinute = 60_000;

/** Time zones with clock changes, one at midnight and one by half an hour. */
export const timeZones = fc.constantFrom(
  'UTC',
  'America/New_York',
  'Europe/Berlin',
  'Pacific/Auckland',
  'America/Havana',
  'Australia/Lord_Howe',
);

/** Days of, or a few days before, a clock change or the end of a month. */
const beginnings = [
  '2024-01-29',
  '2024-02-28',
  '2024-09-27',
  '2024-10-04',
  '2024-10-26',
  '2024-11-01',
  '2025-03-07',
  '2025-03-28',
  '2025-04-04',
];

/** Later than every sum of the times and durations below. */
export const afterAll = new Date('2028-01-01T00:00:00Z');

export interface Times {
  /** In ms, few distinct instants. */
  instants: fc.Arbitrary<number>;
  /** The same instants as events and filters format them. */
  texts: fc.Arbitrary<string>;
  /** `YYYY-MM-DD`. */
  days: fc.Arbitrary<string>;
}

export const toText = (at: number) => new Date(at).toISOString();

// In UTC, so that many are at, before or after a clock change in one of the zones.
const allMinutes = [
  0, 30, 60, 65, 66, 90, 300, 330, 360, 390, 420, 450, 825, 840, 870, 930, 960, 1_439,
];

const timesFrom = ([beginning, minutes]: [beginning: string, minutes: number[]]): Times => {
  const instants = fc
    .record({
      day: fc.constantFrom(0, 1, 1, 2, 2, 3, 28, 30, 31),
      minute: fc.constantFrom(...minutes),
      ms: fc.constantFrom(0, 0, 0, 0, 0, 1),
    })
    .map(
      ({ day, minute, ms }) => Date.parse(beginning) + day * msPerDay + minute * msPerMinute + ms,
    );
  const texts = instants.map(toText);
  return { instants, texts, days: texts.map((text) => text.slice(0, 10)) };
};

/** Few times of day, so that many events are exactly a day, a month or two hours apart. */
export const times: fc.Arbitrary<Times> = fc
  .tuple(
    fc.constantFrom(...beginnings),
    fc.shuffledSubarray(allMinutes, { minLength: 2, maxLength: 4 }),
  )
  .map(timesFrom);

export const durations = fc.constantFrom(
  'P1D',
  'P1D',
  'P2D',
  'P1W',
  'P30D',
  'P1M',
  'P1M1D',
  'P2M',
  'P1Y',
  'PT24H',
  'PT25H',
  'PT36H',
  'P1DT1H',
  'P1MT30M',
  'PT30M',
  'PT1H5M',
  'PT0.001S',
);
