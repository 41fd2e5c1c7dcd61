import { toMinorUnits } from '../../../platform/minor-units.ts';

type Properties = Record<string, unknown>;

/** The amounts of an order, as far as they were reported, in minor units. */
export interface OrderAmounts {
  total?: bigint;
  revenue?: bigint;
  tax?: bigint;
  shipping?: bigint;
  discount?: bigint;
}

export const amountFields = ['total', 'revenue', 'tax', 'shipping', 'discount'] as const;

/** Reads the amounts; those that are not valid in this currency are absent. */
export const readOrderAmounts = (properties: Properties, currency: string): OrderAmounts =>
  Object.fromEntries(
    amountFields.flatMap((field) => {
      const amount = readAmount(properties[field], currency);
      return amount === undefined ? [] : [[field, amount]];
    }),
  );

/** A decimal of at least 0, in minor units. */
export function readAmount(value: unknown, currency: string): bigint | undefined {
  const amount = toMinorUnits(value, currency);
  return amount !== undefined && amount >= 0n ? amount : undefined;
}

/** The revenue or, without it, the total less tax and shipping; at least 0. */
export function orderAmount({
  revenue,
  total = 0n,
  tax = 0n,
  shipping = 0n,
}: OrderAmounts): bigint {
  const amount = revenue ?? total - tax - shipping;
  return amount < 0n ? 0n : amount;
}

/** The amount given back: that of the refund or, without it, the sum of its lines. Undefined without either. */
export function refundAmount(properties: Properties, currency: string): bigint | undefined {
  const { total, revenue } = readOrderAmounts(properties, currency);
  return total ?? revenue ?? sumOfLines(properties['products'], currency);
}

function sumOfLines(products: unknown, currency: string): bigint | undefined {
  if (!Array.isArray(products) || products.length === 0) return undefined;
  return products.reduce((sum: bigint, line: Properties | null) => {
    const price = readAmount(line?.['price'], currency) ?? 0n;
    const quantity = Number(line?.['quantity'] ?? 1);
    return sum + (Number.isSafeInteger(quantity) && quantity > 0 ? price * BigInt(quantity) : 0n);
  }, 0n);
}
