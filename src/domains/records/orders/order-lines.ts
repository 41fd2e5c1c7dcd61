import { readAmount } from './order-amounts.ts';

/** One article of an order, as the latest report that has `products` describes it. */
export interface OrderLine {
  productId: string | null;
  sku: string | null;
  name: string | null;
  category: string | null;
  /** Of one, in minor units of the order's currency. */
  price: bigint | null;
  quantity: number;
}

/** Reads the lines in `products`; what is no object is left out. */
export function readOrderLines(
  { products }: Record<string, unknown>,
  currency: string,
): OrderLine[] {
  if (!Array.isArray(products)) return [];
  return products.filter(isObject).map((line) => ({
    productId: textOf(line['product_id']),
    sku: textOf(line['sku']),
    name: textOf(line['name']),
    category: textOf(line['category']),
    price: readAmount(line['price'], currency) ?? null,
    quantity: readQuantity(line),
  }));
}

/** The number of articles; 1 unless a whole number of at least 0 is stated. */
export function readQuantity({ quantity }: Record<string, unknown>): number {
  const number = Number(quantity ?? 1);
  return Number.isInteger(number) && number >= 0 && number <= maxQuantity ? number : 1;
}

const maxQuantity = 2 ** 31 - 1;

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A number and its text are the same id. */
const textOf = (value: unknown): string | null =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : null;
