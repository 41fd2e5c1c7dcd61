import type { z } from 'zod';
import { type NumberRange, singleEntry } from '../../../engine/conditions/compare.ts';
import { shape } from '../../../engine/conditions/shape.ts';

const share = shape.number.refine((value) => value >= 0 && value <= 1, 'must be from 0 to 1');

/** A probability, from 0 to 1; the end of `between` does not belong to it. */
export const ShareComparison = shape.oneOf({
  atLeast: share,
  below: share,
  between: shape.range(share),
});
export type ShareComparison = z.infer<typeof ShareComparison>;

export function rangeOf(comparison: ShareComparison): NumberRange {
  const [kind, operand] = singleEntry(comparison);
  if (kind === 'between') return { from: operand.from, below: operand.to };
  return kind === 'atLeast'
    ? { from: operand, below: Number.POSITIVE_INFINITY }
    : { from: Number.NEGATIVE_INFINITY, below: operand };
}
