import type { OrderAmounts } from './order-amounts.ts';
import type { OrderLine } from './order-lines.ts';

/** An order as its reports describe it. */
export interface OrderState extends OrderAmounts {
  id: string;
  /** The customer of the report that arrived first. */
  customerId: string;
  /** Of its earliest report by event time. */
  eventId: string;
  status: 'PENDING' | 'PLACED' | 'CANCELLED';
  placedAt: Date;
  cancelledAt: Date | null;
  /** From when it counts no more; null if it does, `never` if it did at no instant. */
  countedUntil: Date | null;
  currency: string;
  amount: bigint;
  isTest: boolean;
  lines: readonly OrderLine[];
  refunds: readonly OrderRefund[];
  /** Whether nothing can be stored about the order. */
  isNew: boolean;
}

/** What was given back of an order. */
export interface OrderRefund {
  /** Its `refund_id` or, without one, the id of its event. */
  id: string;
  eventId: string;
  at: Date;
  /** In minor units of the order's currency. */
  amount: bigint;
}

/** Before every event. */
export const never = new Date(-8.64e15);

/** The currency in the properties of an order or refund, by default the workspace's. */
export const currencyOf = ({ currency }: Record<string, unknown>, own: string): string =>
  typeof currency === 'string' ? currency.toUpperCase() : own;
