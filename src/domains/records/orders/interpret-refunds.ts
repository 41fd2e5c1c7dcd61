import { ignored, type Meaning, type Report } from '../../../engine/records/record-kind.ts';
import { keyOf } from '../../../engine/records/record-kinds.ts';
import { refundAmount } from './order-amounts.ts';
import { countsAsOrder, currencyOf, type OrderState } from './order-state.ts';

interface Refunds {
  /** In the order of their times. */
  reports: readonly Report[];
  currency: string;
}

/**
 * What each refund gives back, by event: all refunds together at most the amount of the order, in the order of their
 * times; a refund without an amount the remainder.
 *
 * @param order undefined for a refund that names no order, null for one whose order is not known yet
 */
export function interpretRefunds(
  order: OrderState | null | undefined,
  { reports, currency }: Refunds,
): Map<string, Meaning> {
  const meanings = new Map<string, Meaning>();
  let remainder = order && countsAsOrder(order) ? order.amount : 0n;
  for (const repeats of repeatsOf(reports)) {
    const [first] = repeats;
    if (!first) continue;
    for (const { eventId } of repeats) meanings.set(eventId, ignored);
    const requested = requestedAmount(repeats, order?.currency ?? currency);
    if (order === undefined) {
      meanings.set(first.eventId, refund(requested ?? 0n, currencyOf(first.properties, currency)));
      continue;
    }
    const amount = requested === undefined || requested > remainder ? remainder : requested;
    remainder -= amount;
    meanings.set(first.eventId, refund(amount, order?.currency ?? currency));
  }
  return meanings;
}

/** A refund is known by its id, else by its event. */
const repeatsOf = (reports: readonly Report[]) =>
  Map.groupBy(
    reports,
    ({ properties, eventId }) => keyOf(properties['refund_id']) ?? `event ${eventId}`,
  ).values();

/** The amount in the latest report that has one. */
function requestedAmount(repeats: readonly Report[], currency: string) {
  const amounts = repeats.map(({ properties }) => refundAmount(properties, currency));
  return amounts.findLast((amount) => amount !== undefined);
}

const refund = (amount: bigint, currency: string): Meaning => ({
  effect: 'refund',
  amount,
  currency,
  counts: true,
  corrected: null,
});
