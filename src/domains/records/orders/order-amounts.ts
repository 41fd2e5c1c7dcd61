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
