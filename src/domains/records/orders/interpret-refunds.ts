import {
  counted,
  ignored,
  type Meaning,
  type Report,
  takenBack,
} from '../../../engine/records/record-kind.ts';
import { refundAmount } from './order-amounts.ts';
import { currencyOf, type OrderState } from './order-state.ts';

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
  let remainder = order?.amount ?? 0n;
  for (const repeats of repeatsOf(reports)) {
    const [first] = repeats;
    if (!first) continue;
    for (const { eventId } of repeats) meanings.set(eventId, ignored);
    const requested = requestedAmount(repeats, order?.currency ?? currency);
    if (order === undefined) {
      meanings.set(first.eventId, refund(requested ?? 0n, currencyOf(first.properties, currency)));
      continue;
    }
    const until = order?.countedUntil ?? null;
    const counts = until === null || first.at < until;
    const amount = counts ? least(requested ?? remainder, remainder) : 0n;
    remainder -= amount;
    const meaning = refund(amount, order?.currency ?? currency);
    meanings.set(first.eventId, counts && until ? takenBack(meaning, until) : meaning);
  }
  return meanings;
}

/** A refund is known by its id, else by its event. */
const repeatsOf = (reports: readonly Report[]) =>
  Map.groupBy(reports, ({ part, eventId }) => part ?? `event ${eventId}`).values();

/** The amount in the latest report that has one. */
function requestedAmount(repeats: readonly Report[], currency: string) {
  const amounts = repeats.map(({ properties }) => refundAmount(properties, currency));
  return amounts.findLast((amount) => amount !== undefined);
}

const least = (a: bigint, b: bigint) => (a < b ? a : b);

const refund = (amount: bigint, currency: string): Meaning => ({
  ...counted,
  effect: 'refund',
  amount,
  currency,
});
