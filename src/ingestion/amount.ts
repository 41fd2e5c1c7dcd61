/** The largest amount taken, in minor units: sums of a thousand of them stay exact everywhere. */
const most = 10n ** 15n;

const exponents = new Map<string, number>();

/** How many decimals a currency has (ISO 4217): 2 for USD, 0 for JPY, 3 for KWD. */
export function currencyExponent(currency: string): number {
  let exponent = exponents.get(currency);
  if (exponent === undefined) {
    const options = new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions();
    exponent = options.maximumFractionDigits ?? 2;
    exponents.set(currency, exponent);
  }
  return exponent;
}

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
