import {
  counted,
  type Interpretation,
  ignored,
  type Meaning,
  type Report,
  type ReportedRecord,
  takenBack,
} from '../../../engine/records/record-kind.ts';
import type { OrderLine } from './order-lines.ts';
import { currencyOf, type OrderRefund, type OrderState } from './order-state.ts';
import { refundAmount } from './refund-amount.ts';

interface Refunds {
  /** In the order of their times. */
  reports: readonly Report[];
  currency: string;
}

interface InterpretedRefunds {
  /** By event. */
  meanings: Map<string, Meaning>;
  refunds: OrderRefund[];
}

/** A refund that names no order, known by its `refund_id`, gives back the amount in its latest report. */
export function interpretOrderless({ reports, currency: own }: ReportedRecord): Interpretation {
  const given = reports.filter(({ trust }) => trust === 'SERVER');
  const [first] = inOrder(given);
  const currency = currencyOf(first?.properties ?? {}, own);
  const amount = requestedAmount(inOrder(given), { currency, lines: [] }) ?? 0n;
  const meanings = reports.map((report) => {
    if (report === first) return refund(amount, currency);
    return given.includes(report) ? ignored : counted;
  });
  return { meanings, state: undefined };
}

/** By event time; at equal times in the order of arrival. */
export const inOrder = (reports: readonly Report[]) =>
  reports.toSorted((a, b) => a.at.getTime() - b.at.getTime());

/**
 * What the refunds of an order give back: together at most its amount, in the order of their times; a refund without an
 * amount the remainder. Nothing once the order does not count, or while it is not known.
 */
export function interpretRefunds(
  order: RefundedOrder | undefined,
  { reports, currency: own }: Refunds,
): InterpretedRefunds {
  const meanings = new Map(reports.map(({ eventId }) => [eventId, ignored]));
  const refunds: OrderRefund[] = [];
  const { currency, countedUntil: until, lines } = order ?? { ...unknownOrder, currency: own };
  let remainder = order?.amount ?? 0n;
  for (const repeats of repeatsOf(reports)) {
    const { eventId, part, at } = repeats[0];
    const counts = until === null || at < until;
    const requested = requestedAmount(repeats, { currency, lines }) ?? remainder;
    const amount = counts ? least(requested, remainder) : 0n;
    remainder -= amount;
    const meaning = refund(amount, currency);
    meanings.set(eventId, counts && until ? takenBack(meaning, until) : meaning);
    if (counts) refunds.push({ id: part ?? eventId, eventId, at, amount });
  }
  return { meanings, refunds };
}

type RefundedOrder = Pick<OrderState, 'amount' | 'currency' | 'countedUntil' | 'lines'>;

const unknownOrder = { countedUntil: null, lines: [] };

type Repeats = [Report, ...Report[]];

/** A refund is known by its id, else by that of its event, which `refundId` shows. */
const repeatsOf = (reports: readonly Report[]) =>
  [...Map.groupBy(reports, ({ part, eventId }) => part ?? eventId).values()] as Repeats[];

/** The amount in the latest report that has one. */
function requestedAmount(
  repeats: readonly Report[],
  order: { currency: string; lines: readonly OrderLine[] },
) {
  const amounts = repeats.map(({ properties }) => refundAmount(properties, order));
  return amounts.findLast((amount) => amount !== undefined);
}

const least = (a: bigint, b: bigint) => (a < b ? a : b);

const refund = (amount: bigint, currency: string): Meaning => ({
  ...counted,
  effect: 'refund',
  amount,
  currency,
});
