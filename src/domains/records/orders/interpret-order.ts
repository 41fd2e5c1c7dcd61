import { isDeepStrictEqual } from 'node:util';
import {
  counted,
  type Interpretation,
  ignored,
  type Meaning,
  type Report,
  type ReportedRecord,
  takenBack,
} from '../../../engine/records/record-kind.ts';
import { inOrder, interpretRefunds } from './interpret-refunds.ts';
import { orderAmount, readOrderAmounts } from './order-amounts.ts';
import { readOrderLines } from './order-lines.ts';
import { currencyOf, never, type OrderState } from './order-state.ts';

/**
 * Each field comes from the latest report that has it, the time of the order from its earliest report. The event of
 * that report counts as the order; the others count as nothing.
 */
export function interpretOrder(record: ReportedRecord): Interpretation {
  const accepted = acceptedReports(record.reports);
  const reports = inOrder(accepted);
  const order = describeOrder({ ...record, reports: accepted }, reports);
  const refundReports = reports.filter(({ effect }) => effect === 'refund');
  const { meanings: given, refunds } = interpretRefunds(order, {
    ...record,
    reports: refundReports,
  });
  const meanings = record.reports.map(
    (report) => given.get(report.eventId) ?? meaningOf(report, order, accepted.includes(report)),
  );
  return { meanings, state: order && ({ ...order, refunds } satisfies OrderState) };
}

type Reports = readonly Report[];

/** A browser may open an order, but neither amend, cancel nor refund it: everyone has its key. */
function acceptedReports(reports: Reports): Reports {
  const opening = reports.find(({ effect }) => effect === 'order');
  return reports.filter((report) => report.trust === 'SERVER' || report === opening);
}

interface DescribedOrder extends Omit<OrderState, 'refunds'> {
  /** The properties of its event; null if they are as received. */
  corrected: Record<string, unknown> | null;
}

function describeOrder(
  { key, isNew, currency: own, reports: arrived }: ReportedRecord,
  reports: Reports,
): DescribedOrder | undefined {
  const first = reports.find(({ effect }) => effect === 'order');
  const owner = arrived[0];
  if (!first || !owner) return undefined;
  const properties = mergeReports(reports);
  const currency = currencyOf(properties, own);
  const amounts = readOrderAmounts(properties, currency);
  const cancelledAt = reports.find(({ effect }) => effect === 'order_cancelled')?.at ?? null;
  const isTest = properties['test'] === true || properties['is_test'] === true;
  const isUnpaid = isPending(properties);
  return {
    id: key ?? first.eventId,
    customerId: owner.customerId,
    eventId: first.eventId,
    status: cancelledAt ? 'CANCELLED' : isUnpaid ? 'PENDING' : 'PLACED',
    placedAt: first.at,
    cancelledAt,
    countedUntil: isTest || isUnpaid || isBefore(cancelledAt, first.at) ? never : cancelledAt,
    currency,
    ...amounts,
    amount: orderAmount(amounts),
    isTest,
    isNew,
    lines: readOrderLines(properties, currency),
    corrected: isDeepStrictEqual(properties, first.properties) ? null : properties,
  };
}

/** Later reports replace the fields that they have; a field without a value keeps the one it had. */
function mergeReports(reports: Reports): Record<string, unknown> {
  const merged = new Map<string, unknown>();
  for (const { effect, properties } of reports) {
    if (effect !== 'order' && effect !== 'order_updated') continue;
    for (const name of Object.keys(properties)) {
      const value = properties[name];
      if (value !== undefined && value !== null) merged.set(name, value);
    }
  }
  return Object.fromEntries(merged);
}

const isBefore = (instant: Date | null, other: Date) => instant !== null && instant <= other;

const isPending = ({ status }: Record<string, unknown>) =>
  typeof status === 'string' && status.trim().toLowerCase() === 'pending';

function meaningOf(
  { eventId, effect }: Report,
  order: DescribedOrder | undefined,
  isAccepted: boolean,
): Meaning {
  if (!isAccepted) return { ...ignored, counts: effect !== 'order' };
  if (effect !== 'order') return { ...counted, effect };
  if (!order || order.eventId !== eventId) return ignored;
  const { amount, currency, corrected, countedUntil: until } = order;
  const meaning = { ...counted, effect, amount, currency, corrected };
  if (until === null) return meaning;
  return until === never ? ignored : { ...takenBack(meaning, until), counts: false };
}
