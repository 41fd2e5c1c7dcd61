import fc from 'fast-check';
import { expect, it } from 'vitest';
import { currencyExponent, toDecimal, toMinorUnits } from '../../../src/platform/minor-units.ts';

it.each([
  ['USD', 2],
  ['EUR', 2],
  ['HUF', 2],
  ['RSD', 2],
  ['JPY', 0],
  ['KRW', 0],
  ['KWD', 3],
  ['IQD', 3],
  ['CLF', 4],
  // Not in use: an unknown code has two decimals.
  ['QQQ', 2],
])('returns the number of decimals of %s', (currency, decimals) => {
  expect(currencyExponent(currency)).toBe(decimals);
});

it.each([
  ['12.34', 'USD', 1234n],
  ['12.5', 'USD', 1250n],
  ['12', 'USD', 1200n],
  ['007.10', 'USD', 710n],
  ['1.005', 'USD', 101n],
  ['1.00499999999999999999', 'USD', 100n],
  ['0.995', 'USD', 100n],
  ['-0.005', 'USD', -1n],
  ['-3.10', 'USD', -310n],
  ['1234.5', 'JPY', 1235n],
  ['1.2345', 'KWD', 1235n],
  ['1.23455', 'CLF', 12346n],
  [0.1 + 0.2, 'USD', 30n],
  [1e-5, 'USD', 0n],
  [0, 'USD', 0n],
  ['10000000000000', 'USD', 10n ** 15n],
])('converts %s in %s', (value, currency, minorUnits) => {
  expect(toMinorUnits(value, currency)).toBe(minorUnits);
});

it.each([
  '',
  ' 1',
  '1,000',
  '1.',
  '.5',
  '+1',
  '1e3',
  '0x10',
  '--1',
  '1.2.3',
  '١',
  '10000000000000.01',
  '12345678901234567',
  1e21,
  1e-7,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  true,
  null,
  undefined,
  {},
  ['1'],
])('refuses %s', (value) => {
  expect(toMinorUnits(value, 'USD')).toBeUndefined();
});

it('converts exactly and rounds half away from zero', () => {
  fc.assert(
    fc.property(
      fc.bigInt({ min: -(10n ** 12n), max: 10n ** 12n }),
      fc.integer({ min: 0, max: 8 }),
      fc.constantFrom('JPY', 'USD', 'KWD', 'CLF'),
      (digits, decimals, currency) => {
        // The amount is digits / 10^decimals; its minor units are that times 10^exponent.
        const exact = digits * 10n ** BigInt(currencyExponent(currency));
        const unit = 10n ** BigInt(decimals);
        const size = exact < 0n ? -exact : exact;
        const rounded = (2n * size + unit) / (2n * unit);
        const expected = exact < 0n ? -rounded : rounded;

        fc.pre(rounded <= 10n ** 15n);

        expect(toMinorUnits(asDecimal(digits, decimals), currency)).toBe(expected);
      },
    ),
  );
});

it.each([
  [8000n, 'EUR', '80.00'],
  [-5n, 'USD', '-0.05'],
  [1000n, 'JPY', '1000'],
  [1500n, 'KWD', '1.500'],
  [0n, 'USD', '0.00'],
  [123_456_789_012_345_678n, 'USD', '1234567890123456.78'],
])('writes %s minor units of %s as %s', (amount, currency, decimal) => {
  expect(toDecimal(amount, currency)).toBe(decimal);
});

it('reads every decimal that it writes as the same amount', () => {
  fc.assert(
    fc.property(
      fc.bigInt({ min: -(10n ** 15n), max: 10n ** 15n }),
      fc.constantFrom('JPY', 'USD', 'KWD', 'CLF'),
      (amount, currency) => {
        expect(toMinorUnits(toDecimal(amount, currency), currency)).toBe(amount);
      },
    ),
  );
});

function asDecimal(digits: bigint, decimals: number): string {
  const text = (digits < 0n ? -digits : digits).toString().padStart(decimals + 1, '0');
  const fraction = decimals === 0 ? '' : `.${text.slice(-decimals)}`;
  return `${digits < 0n ? '-' : ''}${text.slice(0, text.length - decimals)}${fraction}`;
}
