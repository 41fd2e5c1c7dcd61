import { expect, it } from 'vitest';
import { formatMoney } from '../../../schema/kernel/money.ts';
import { InvalidInput } from '../../../src/platform/errors.ts';

/** With ordinary spaces and without marks of direction. */
const plain = (text: string) => text.replace(/[\u00a0\u202f]/g, ' ').replace(/[\u200e\u200f]/g, '');

const format = (amount: bigint, currency: string, locale?: string | null) =>
  plain(formatMoney({ amount, currency }, { locale }));

it.each([
  [123_456n, 'USD', undefined, '1234.56 USD'],
  [-5n, 'USD', null, '-0.05 USD'],
  [1000n, 'JPY', undefined, '1000 JPY'],
  [1_234_500n, 'EUR', 'de-DE', '12.345,00 €'],
  [1_234_500n, 'USD', 'en-US', '$12,345.00'],
  [-5n, 'USD', 'en-US', '-$0.05'],
  [1000n, 'JPY', 'en-US', '¥1,000'],
  [1500n, 'KWD', 'en-US', 'KWD 1.500'],
  [1500n, 'HUF', 'en-US', 'HUF 15.00'],
  [1500n, 'QQQ', 'en-US', 'QQQ 15.00'],
  [1500n, 'USD', 'xx', '$15.00'],
])('formats %s %s for the locale %s as %s', (amount, currency, locale, text) => {
  expect(format(amount, currency, locale)).toBe(text);
});

it('formats amounts beyond 2^53 exactly', () => {
  expect(format(999_999_999_999_999_999n, 'USD', 'en-US')).toBe('$9,999,999,999,999,999.99');
});

it.each(['', 'x', 'de_DE', 'en-', '\0'])('refuses the malformed locale %j', (locale) => {
  expect(() => format(1n, 'USD', locale)).toThrow(InvalidInput);
});
