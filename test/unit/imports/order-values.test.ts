import { expect, it } from 'vitest';
import { createOrderDateParser } from '../../../src/imports/create-order-date-parser.ts';
import { messageId } from '../../../src/imports/message-id.ts';
import { parseDecimal } from '../../../src/imports/parse-decimal.ts';

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

it('begins a day whose midnight the clocks skip with its first moment', () => {
  const parse = createOrderDateParser({ timeZone: 'America/Sao_Paulo' });

  expect(parse('2017-10-15')).toBe('2017-10-15T03:00:00.000Z');
  expect(parse('20171014')).toBe('2017-10-14T03:00:00.000Z');
});

it('takes the first of two midnights, and of two equal local times', () => {
  expect(createOrderDateParser({ timeZone: 'America/Havana' })('2024-11-03')).toBe(
    '2024-11-03T04:00:00.000Z',
  );
  expect(createOrderDateParser({ timeZone: 'Europe/Berlin' })('2024-10-27 02:30')).toBe(
    '2024-10-27T00:30:00.000Z',
  );
});

it('follows a given format, in the time zone of the workspace', () => {
  const parse = createOrderDateParser({ timeZone: 'Europe/Berlin', format: 'd.M.yyyy H:mm' });

  expect(parse('1.7.2024 9:05')).toBe('2024-07-01T07:05:00.000Z');
  expect(() => parse('2024-07-01')).toThrow(/does not read as d\.M\.yyyy H:mm/);
});

it.each(['', '2024', '20241301', '2024-02-30', '01/02/2024', '2024-W05', '1719822600'])(
  'refuses %j as a date',
  (text) => {
    expect(() => createOrderDateParser({ timeZone: 'UTC' })(text)).toThrow(/is empty|is no date/);
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

it('gives equal lines different ids by their place, and one line the same id for ever', () => {
  const id = messageId('orders.csv', { line: 2, text: 'a,b' });

  expect(id).toBe(messageId('orders.csv', { line: 2, text: 'a,b' }));
  expect(id).toMatch(/^import-[\w-]{32}$/);
  expect(id).not.toBe(messageId('orders.csv', { line: 3, text: 'a,b' }));
  expect(id).not.toBe(messageId('orders.csv', { line: 2, text: 'a,c' }));
  expect(id).not.toBe(messageId('other.csv', { line: 2, text: 'a,b' }));
});
