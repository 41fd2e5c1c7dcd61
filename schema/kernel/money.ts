import { InvalidInput } from '../../src/platform/errors.ts';
import { currencyExponent, toDecimal } from '../../src/platform/minor-units.ts';
import { builder } from './builder.ts';
import type { RequestContext } from './context.ts';
import { loadWorkspace } from './workspace-row.ts';

export interface MoneyValue {
  /** In minor units of the currency. */
  amount: bigint;
  currency: string;
}

export const Money = builder.objectRef<MoneyValue>('Money').implement({
  description: 'An exact amount of money.',
  fields: (t) => ({
    amount: t.string({
      description: 'The amount in minor units of the currency: "1234" is 12.34 USD.',
      resolve: ({ amount }) => amount.toString(),
    }),
    currency: t.exposeString('currency', { description: 'The currency code (ISO 4217).' }),
    decimal: t.string({
      description:
        'The exact amount with all decimals of the currency: "80.00" USD, "-0.05" USD, "1000" JPY, "1.500" KWD.',
      resolve: ({ amount, currency }) => toDecimal(amount, currency),
    }),
    formatted: t.string({
      description: 'The exact amount with the currency, for display: "12.34 USD".',
      args: {
        locale: t.arg.string({
          description:
            'A BCP 47 language tag, whose conventions are used: "de-DE" gives "12,34 $". A language that is not known is replaced by English. Default: the decimal and the code, as in "12.34 USD".',
        }),
      },
      resolve: formatMoney,
    }),
  }),
});

/** @throws InvalidInput for a malformed locale */
export function formatMoney(
  { amount, currency }: MoneyValue,
  { locale }: { locale?: string | null | undefined },
): string {
  const decimal = toDecimal(amount, currency);
  if (locale == null) return `${decimal} ${currency}`;
  // A string is formatted exactly; a number would be rounded beyond 2^53.
  return createFormat(locale, currency).format(decimal as Intl.StringNumericLiteral);
}

function createFormat(locale: string, currency: string): Intl.NumberFormat {
  const digits = currencyExponent(currency);
  try {
    return new Intl.NumberFormat([locale, 'en'], {
      style: 'currency',
      currency,
      minimumFractionDigits: digits,
      maximumFractionDigits: digits,
    });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new InvalidInput(
      `\`locale\` is ${JSON.stringify(locale.slice(0, 64))}. It must be a language tag (BCP 47), such as "en-GB".`,
    );
  }
}

/** An amount in the workspace's own currency. */
export async function ownMoney(ctx: RequestContext, amount: bigint): Promise<MoneyValue> {
  const { currency } = await loadWorkspace(ctx);
  return { amount, currency };
}
