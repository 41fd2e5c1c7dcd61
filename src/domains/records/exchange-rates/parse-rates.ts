import { InvalidInput } from '../../../platform/errors.ts';

/** What a unit of a currency is worth in the workspace's currency from a day on. */
export interface ExchangeRate {
  /** ISO 4217, in capitals. */
  currency: string;
  /** A date: YYYY-MM-DD. */
  effectiveOn: string;
  /** An exact decimal. */
  rate: string;
}

interface RateOptions {
  /** The workspace's currency. */
  ownCurrency: string;
  /** Names the place of a rate in messages. */
  placeOf: (index: number) => string;
}

/**
 * Validates rates of a workspace.
 *
 * @throws InvalidInput that names the first invalid rate
 */
export function parseRates(
  rates: readonly ExchangeRate[],
  { ownCurrency, placeOf }: RateOptions,
): ExchangeRate[] {
  const seen = new Set<string>();
  return rates.map((given, index) => {
    const rate = { ...given, currency: given.currency.toUpperCase() };
    const key = `${rate.currency} ${rate.effectiveOn}`;
    const problem =
      problemOf(rate, ownCurrency) ??
      (seen.has(key) ? `repeats the rate of ${rate.currency} on ${rate.effectiveOn}` : undefined);
    if (problem) throw new InvalidInput(`${placeOf(index)}: ${problem}. No rate was set.`);
    seen.add(key);
    return rate;
  });
}

function problemOf({ currency, effectiveOn, rate }: ExchangeRate, ownCurrency: string) {
  if (!/^[A-Z]{3}$/.test(currency))
    return 'the currency must be a code of three letters (ISO 4217)';
  if (currency === ownCurrency) return `the currency is ${ownCurrency}, the workspace's own`;
  if (!isDate(effectiveOn)) return 'the day must be an existing date such as "2026-03-01"';
  return /^\d{1,9}(\.\d{1,12})?$/.test(rate) && Number(rate) > 0
    ? undefined
    : 'the rate must be a decimal above 0 with at most 9 digits before and 12 after the point';
}

function isDate(text: string): boolean {
  if (!/^\d{4}-\d\d-\d\d$/.test(text) || text < '0001') return false;
  const at = Date.parse(`${text}T00:00:00Z`);
  return Number.isFinite(at) && new Date(at).toISOString().startsWith(text);
}
