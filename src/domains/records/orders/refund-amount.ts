import { readOrderAmounts } from './order-amounts.ts';
import { type OrderLine, readOrderLines } from './order-lines.ts';

/**
 * The amount given back: that of the refund or, without it, the sum of its lines. A line without a price has the price
 * of the order's line with the same `product_id` or `sku`. Undefined without an amount and lines.
 */
export function refundAmount(
  properties: Record<string, unknown>,
  { currency, lines }: { currency: string; lines: readonly OrderLine[] },
): bigint | undefined {
  const { total, revenue } = readOrderAmounts(properties, currency);
  const returned = readOrderLines(properties, currency);
  const sum = returned.reduce((before, line) => before + valueOfLine(line, lines), 0n);
  return total ?? revenue ?? (returned.length > 0 ? sum : undefined);
}

function valueOfLine(line: OrderLine, ordered: readonly OrderLine[]): bigint {
  const price = line.price ?? ordered.find((other) => isSameArticle(line, other))?.price ?? 0n;
  return price * BigInt(line.quantity);
}

const isSameArticle = (a: OrderLine, b: OrderLine) =>
  (a.productId !== null && a.productId === b.productId) || (a.sku !== null && a.sku === b.sku);
