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

/** The maximum of rates at once. */
export const maxRates = 1_000;

/**
 * Validates rates of a workspace.
 *
 * @throws InvalidInput that names the first invalid rate
 */
export function parseRates(rates: readonly ExchangeRate[], ownCurrency: string): ExchangeRate[] {
  if (rates.length < 1 || rates.length > maxRates) {
    throw new InvalidInput(`Set 1 to ${maxRates} rates at once; these are ${rates.length}.`);
  }
  const parsed = rates.map((rate, index) => parseRate(rate, { ownCurrency, index }));
  const seen = new Set<string>();
  for (const [index, { currency, effectiveOn }] of parsed.entries()) {
    const key = `${currency} ${effectiveOn}`;
    if (seen.has(key)) throw invalid(index, `repeats the rate of ${currency} on ${effectiveOn}`);
    seen.add(key);
  }
  return parsed;
}

interface Position {
  ownCurrency: string;
  index: number;
}

function parseRate(given: ExchangeRate, { ownCurrency, index }: Position): ExchangeRate {
  const currency = given.currency.toUpperCase();
  if (!/^[A-Z]{3}$/.test(currency)) {
    throw invalid(index, '`currency` must be a code of three letters (ISO 4217)');
  }
  if (currency === ownCurrency) {
    throw invalid(index, `\`currency\` is ${ownCurrency}, the workspace's own`);
  }
  if (!isDate(given.effectiveOn)) {
    throw invalid(index, '`effectiveOn` must be an existing date such as "2026-03-01"');
  }
  if (!/^\d{1,9}(\.\d{1,12})?$/.test(given.rate) || Number(given.rate) === 0) {
    throw invalid(
      index,
      '`rate` must be a decimal above 0 with at most 9 digits before and 12 after the point',
    );
  }
  return { ...given, currency };
}

function isDate(text: string): boolean {
  if (!/^\d{4}-\d\d-\d\d$/.test(text) || text < '0001') return false;
  const at = Date.parse(`${text}T00:00:00Z`);
  return Number.isFinite(at) && new Date(at).toISOString().startsWith(text);
}

const invalid = (index: number, problem: string) =>
  new InvalidInput(`rates.${index}: ${problem}. No rate was set.`);
