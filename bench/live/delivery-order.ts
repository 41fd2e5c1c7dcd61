/** The order in which one subscription has received positions of the change log. */
export interface DeliveryOrder {
  frames: number;
  /** Of all positions in their order: equal digests mean the same changes in the same order. */
  digest: number;
  last: number;
  /** Positions that were not above the one before. */
  disorder: number;
}

export const newDeliveryOrder = (): DeliveryOrder => ({
  frames: 0,
  digest: 0,
  last: 0,
  disorder: 0,
});

/** Adds a frame by its cursor, `<log>.<position>`. */
export function addDelivery(order: DeliveryOrder, cursor: string): void {
  const position = Number(cursor.slice(cursor.lastIndexOf('.') + 1));
  if (!(position > order.last)) order.disorder += 1;
  order.frames += 1;
  order.last = position;
  order.digest = (Math.imul(order.digest, 31) + position) | 0;
}

/** @throws when a subscription did not receive exactly what the witness received */
export function assertSameDeliveries(
  witness: DeliveryOrder,
  orders: readonly DeliveryOrder[],
): void {
  const wrong = orders.find(
    ({ digest, frames, disorder }) =>
      digest !== witness.digest || frames !== witness.frames || disorder > 0,
  );
  if (!wrong) return;
  throw new Error(
    `A subscription differs from the witness: ${JSON.stringify(wrong)}, ${JSON.stringify(witness)}`,
  );
}
