import { expect, it } from 'vitest';
import {
  addDelivery,
  assertSameDeliveries,
  newDeliveryOrder,
} from '../../../bench/live/delivery-order.ts';

function orderOf(positions: readonly number[]) {
  const order = newDeliveryOrder();
  for (const position of positions) addDelivery(order, `8a79a4ad1a.${position}`);
  return order;
}

it('accepts subscriptions that received what the witness received', () => {
  expect(() => assertSameDeliveries(orderOf([1, 3, 7]), [orderOf([1, 3, 7])])).not.toThrow();
});

it.each([
  ['misses a change', [1, 7]],
  ['received another change instead', [1, 4, 7]],
  ['received a change twice', [1, 3, 3, 7]],
  ['received changes in another order', [3, 1, 7]],
])('refuses a subscription that %s', (_, positions) => {
  const witness = orderOf([1, 3, 7]);
  expect(() => assertSameDeliveries(witness, [orderOf(positions)])).toThrow('differs');
});
