import { msPerDay } from './ms-per-day.ts';

/** Formats milliseconds as an ISO 8601 duration with days of exactly 24 hours: "P12DT3H30M". */
export function formatDuration(ms: number): string {
  let rest = Math.round(ms);
  const takeUnits = (unit: number) => {
    const count = Math.floor(rest / unit);
    rest -= count * unit;
    return count;
  };
  const days = takeUnits(msPerDay);
  const parts: Array<[number, string]> = [
    [takeUnits(3_600_000), 'H'],
    [takeUnits(60_000), 'M'],
    [rest / 1_000, 'S'],
  ];
  const time = parts.map(([count, letter]) => (count === 0 ? '' : `${count}${letter}`)).join('');
  if (days === 0 && time === '') return 'PT0S';
  return `P${days === 0 ? '' : `${days}D`}${time === '' ? '' : `T${time}`}`;
}
