import { msPerDay } from './ms-per-day.ts';

/** A length of time in ISO 8601, in days of exactly 24 hours, to the millisecond: "P12DT3H30M". */
export function formatDuration(ms: number): string {
  let rest = Math.round(ms);
  const take = (unit: number) => {
    const count = Math.floor(rest / unit);
    rest -= count * unit;
    return count;
  };
  const days = take(msPerDay);
  const parts: Array<[number, string]> = [
    [take(3_600_000), 'H'],
    [take(60_000), 'M'],
    [rest / 1_000, 'S'],
  ];
  const time = parts.map(([count, letter]) => (count === 0 ? '' : `${count}${letter}`)).join('');
  if (days === 0 && time === '') return 'PT0S';
  return `P${days === 0 ? '' : `${days}D`}${time === '' ? '' : `T${time}`}`;
}
