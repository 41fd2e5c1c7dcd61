/** The largest amount taken, in minor units: sums of a thousand of them stay exact everywhere. */
const most = 10n ** 15n;

/**
 * The currencies that do not have two decimals, by how many they have (ISO 4217). `Intl` will not do:
 * it leaves out the decimals that are out of use in shops, such as those of HUF, IDR and COP.
 */
const unusual: ReadonlyArray<[number, string]> = [
  [0, 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF'],
  [3, 'BHD IQD JOD KWD LYD OMR TND'],
  [4, 'CLF UYW'],
];
const exponents = new Map(
  unusual.flatMap(([exponent, codes]) => codes.split(' ').map((code) => [code, exponent])),
);

/** How many decimals a currency has (ISO 4217): 2 for USD, 0 for JPY, 3 for KWD. */
export const currencyExponent = (currency: string): number => exponents.get(currency) ?? 2;

const decimal = /^(-?)(\d{1,16})(?:\.(\d{1,20}))?$/;

/**
 * A decimal as people write it (12.5 or "12.50") in the currency's minor units, rounded half up.
 * Undefined when it is not a plain decimal, or too large to be kept exactly.
 */
export function toMinorUnits(value: unknown, currency: string): bigint | undefined {
  const text = typeof value === 'number' ? String(value) : value;
  const [, sign, whole, fraction = ''] = (typeof text === 'string' && decimal.exec(text)) || [];
  if (whole === undefined) return undefined;
  const exponent = currencyExponent(currency);
  const kept = BigInt(whole + fraction.slice(0, exponent).padEnd(exponent, '0'));
  const rounded = kept + (Number(fraction[exponent] ?? 0) >= 5 ? 1n : 0n);
  if (rounded > most) return undefined;
  return sign === '-' ? -rounded : rounded;
}
