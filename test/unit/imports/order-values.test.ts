import fc from 'fast-check';
import { DateTime } from 'luxon';
import { expect, it } from 'vitest';
import { createDayReader } from '../../../src/entrypoints/imports/create-day-reader.ts';
import { createOrderDateParser } from '../../../src/entrypoints/imports/create-order-date-parser.ts';
import { messageId } from '../../../src/entrypoints/imports/message-id.ts';
import { parseDecimal } from '../../../src/entrypoints/imports/parse-decimal.ts';

it.each([
  ['19970101', 'UTC', '1997-01-01T00:00:00.000Z'],
  ['1997-01-01', 'America/New_York', '1997-01-01T05:00:00.000Z'],
  ['2024-07-01T10:30', 'Europe/Berlin', '2024-07-01T08:30:00.000Z'],
  ['2024-07-01 10:30:15', 'Europe/Berlin', '2024-07-01T08:30:15.000Z'],
  ['2024-07-01T10:30:00Z', 'Europe/Berlin', '2024-07-01T10:30:00.000Z'],
  ['2024-07-01 10:30:00.5+05:30', 'Europe/Berlin', '2024-07-01T05:00:00.500Z'],
  ['20240701T103000Z', 'Europe/Berlin', '2024-07-01T10:30:00.000Z'],
])('reads %s in %s', (text, timeZone, instant) => {
  expect(createOrderDateParser({ timeZone })(text)).toBe(instant);
});

it('parses a day without midnight as its first instant', () => {
  const parse = createOrderDateParser({ timeZone: 'America/Sao_Paulo' });

  expect(parse('2017-10-15')).toBe('2017-10-15T03:00:00.000Z');
  expect(parse('20171014')).toBe('2017-10-14T03:00:00.000Z');
});

it('chooses the earlier of two midnights and of two equal local times', () => {
  expect(createOrderDateParser({ timeZone: 'America/Havana' })('2024-11-03')).toBe(
    '2024-11-03T04:00:00.000Z',
  );
  expect(createOrderDateParser({ timeZone: 'Europe/Berlin' })('2024-10-27 02:30')).toBe(
    '2024-10-27T00:30:00.000Z',
  );
});

it('keeps the offset of a time, even in an hour that occurs twice', () => {
  const parse = createOrderDateParser({ timeZone: 'Europe/Berlin' });
  const format = createOrderDateParser({
    timeZone: 'Europe/Berlin',
    format: 'yyyy-MM-dd HH:mm ZZ',
  });

  expect(parse('2014-10-26T02:30+01:00')).toBe('2014-10-26T01:30:00.000Z');
  expect(parse('20141026T0230+0100')).toBe('2014-10-26T01:30:00.000Z');
  expect(parse('20141026T0130Z')).toBe('2014-10-26T01:30:00.000Z');
  expect(format('2014-10-26 02:30 +01:00')).toBe('2014-10-26T01:30:00.000Z');
});

it('parses dates in a custom format in the time zone of the workspace', () => {
  const parse = createOrderDateParser({ timeZone: 'Europe/Berlin', format: 'd.M.yyyy H:mm' });

  expect(parse('1.7.2024 9:05')).toBe('2024-07-01T07:05:00.000Z');
  expect(() => parse('2024-07-01')).toThrow(/does not match d\.M\.yyyy H:mm/);
});

it.each(['', '2024', '20241301', '2024-02-30', '01/02/2024', '2024-W05', '1719822600'])(
  'refuses %j as a date',
  (text) => {
    expect(() => createOrderDateParser({ timeZone: 'UTC' })(text)).toThrow(
      /is empty|is not a date/,
    );
  },
);

it.each([
  ['12.30', 12.3],
  ['0', 0],
  ['-5.25', -5.25],
  ['00012.5', 12.5],
  ['123456789012.34', 123_456_789_012.34],
])('reads the amount %s', (text, value) => {
  expect(parseDecimal(text)).toBe(value);
});

it.each([
  ['', /is empty/],
  ['NaN', /not a plain decimal/],
  ['1e3', /not a plain decimal/],
  ['$5', /not a plain decimal/],
  ['0x10', /not a plain decimal/],
  ['Infinity', /not a plain decimal/],
  ['1,234.50', /has a comma/],
  ['12,30', /has a comma/],
  ['12345678901234.567', /more than 15 digits/],
])('refuses the amount %j', (text, message) => {
  expect(() => parseDecimal(text)).toThrow(message);
});

it('derives different ids for equal lines at different positions, and a stable id for each line', () => {
  const id = messageId('orders.csv', { line: 2, text: 'a,b' });

  expect(id).toBe(messageId('orders.csv', { line: 2, text: 'a,b' }));
  expect(id).toMatch(/^import-[\w-]{32}$/);
  expect(id).not.toBe(messageId('orders.csv', { line: 3, text: 'a,b' }));
  expect(id).not.toBe(messageId('orders.csv', { line: 2, text: 'a,c' }));
  expect(id).not.toBe(messageId('other.csv', { line: 2, text: 'a,b' }));
});

it.each(['Europe/Berlin', 'America/Havana', 'Australia/Lord_Howe', 'Pacific/Apia', 'UTC'])(
  'reads times in %s quickly and exactly as luxon does',
  (zone) => {
    const read = createDayReader(zone);
    const moment = fc.date({ min: new Date('1995-01-01'), max: new Date('2030-01-01') });
    fc.assert(
      fc.property(
        fc.oneof({ arbitrary: moment, weight: 1 }, near(zone)),
        fc.boolean(),
        (at, local) => {
          const text = DateTime.fromJSDate(at, { zone }).toISO({ includeOffset: !local }) ?? '';
          const [earliest] = DateTime.fromISO(text, { zone, setZone: true }).getPossibleOffsets();
          const expected = earliest?.toUTC().toISO();
          expect(read(text) ?? expected).toBe(expected);
        },
      ),
      { numRuns: 300 },
    );
  },
);

/** Instants within two days of a clock change, where parsing is most error-prone. */
function near(zone: string) {
  const changes = Array.from({ length: 365 * 20 }, (_, day) => Date.UTC(2005, 0, 1 + day)).filter(
    (at) =>
      DateTime.fromMillis(at, { zone }).offset !== DateTime.fromMillis(at + 864e5, { zone }).offset,
  );
  const span = fc.integer({ min: -1728e5, max: 1728e5 });
  return fc
    .tuple(fc.constantFrom(...changes, Date.UTC(2020, 0, 1)), span)
    .map(([change, shift]) => new Date(change + shift));
}

it('leaves unusual date-times to luxon', () => {
  const read = createDayReader('UTC');

  expect(read('2024-02-30T10:00')).toBeUndefined();
  expect(read('2024-02-01T24:00')).toBeUndefined();
  expect(read('2024-02-30T10:00Z')).toBeUndefined();
});
