import { joinSql, rawSql, type Sql, sql } from './sql.ts';

/** The largest amount accepted, in minor units: the sum of a thousand of them is exact in every type used. */
export const maxAmount = 10n ** 15n;

/**
 * Currencies without two decimals, by their number of decimals (ISO 4217). Not from `Intl`, which omits decimals
 * that are out of use, such as those of HUF, IDR and COP.
 */
const exceptions: ReadonlyArray<[number, string]> = [
  [0, 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF'],
  [3, 'BHD IQD JOD KWD LYD OMR TND'],
  [4, 'CLF UYW'],
];
const exponents = new Map(
  exceptions.flatMap(([exponent, codes]) => codes.split(' ').map((code) => [code, exponent])),
);

/** The number of decimals of a currency (ISO 4217): 2 for USD, 0 for JPY, 3 for KWD. */
export const currencyExponent = (currency: string): number => exponents.get(currency) ?? 2;

/** The same in SQL, of a currency that is not null. */
export function currencyExponentSql(currency: Sql): Sql {
  const cases = exceptions.map(
    ([exponent, codes]) =>
      sql`when ${currency} = any(${rawSql(`'{${codes.replaceAll(' ', ',')}}'::text[]`)}) then ${rawSql(String(exponent))}`,
  );
  return sql`(case ${joinSql(cases, ' ')} else 2 end)`;
}

const decimal = /^(-?)(\d{1,16})(?:\.(\d{1,20}))?$/;

/**
 * Converts a decimal (12.5 or "12.50") to the currency's minor units, rounded half up.
 * Undefined when the value is not a plain decimal or exceeds the maximum.
 */
export function toMinorUnits(value: unknown, currency: string): bigint | undefined {
  const text = typeof value === 'number' ? String(value) : value;
  const [, sign, whole, fraction = ''] = (typeof text === 'string' && decimal.exec(text)) || [];
  if (whole === undefined) return undefined;
  const exponent = currencyExponent(currency);
  const truncated = BigInt(whole + fraction.slice(0, exponent).padEnd(exponent, '0'));
  const rounded = truncated + (Number(fraction[exponent] ?? 0) >= 5 ? 1n : 0n);
  if (rounded > maxAmount) return undefined;
  return sign === '-' ? -rounded : rounded;
}

/** The exact decimal of an amount in minor units, with all decimals of the currency: "80.00", "-0.05". */
export function toDecimal(amount: bigint, currency: string): string {
  const exponent = currencyExponent(currency);
  const digits = (amount < 0n ? -amount : amount).toString().padStart(exponent + 1, '0');
  const whole = digits.slice(0, digits.length - exponent);
  const fraction = exponent === 0 ? '' : `.${digits.slice(-exponent)}`;
  return `${amount < 0n ? '-' : ''}${whole}${fraction}`;
}
