import { currencyExponent } from '../../src/platform/minor-units.ts';
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
    formatted: t.string({
      description: 'The decimal amount with the currency, for display: "12.34 USD".',
      resolve: formatMoney,
    }),
  }),
});

function formatMoney({ amount, currency }: MoneyValue): string {
  const exponent = currencyExponent(currency);
  const digits = (amount < 0n ? -amount : amount).toString().padStart(exponent + 1, '0');
  const whole = digits.slice(0, digits.length - exponent);
  const fraction = exponent === 0 ? '' : `.${digits.slice(-exponent)}`;
  return `${amount < 0n ? '-' : ''}${whole}${fraction} ${currency}`;
}

/** An amount in the workspace's own currency. */
export async function ownMoney(ctx: RequestContext, amount: bigint): Promise<MoneyValue> {
  const { currency } = await loadWorkspace(ctx);
  return { amount, currency };
}
