import type { OrderAmounts } from './order-amounts.ts';

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
  currency: string;
  amount: bigint;
  isTest: boolean;
}

export const countsAsOrder = ({ status, isTest }: Pick<OrderState, 'status' | 'isTest'>): boolean =>
  status === 'PLACED' && !isTest;

/** The currency in the properties of an order or refund, by default the workspace's. */
export const currencyOf = ({ currency }: Record<string, unknown>, own: string): string =>
  typeof currency === 'string' ? currency.toUpperCase() : own;
