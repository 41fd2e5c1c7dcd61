import type { RecordKind } from '../../../engine/records/record-kind.ts';
import { deleteProjection } from '../projections/store-projection.ts';
import { checkMoney, checkRefundAmount } from './check-report.ts';
import { interpretOrder } from './interpret-order.ts';
import { interpretOrderless } from './interpret-refunds.ts';
import { amountFields } from './order-amounts.ts';
import { storeOrders } from './store-orders.ts';

export const orderKind: RecordKind = {
  name: 'ORDER',
  effects: ['order', 'order_updated', 'order_cancelled', 'refund'],
  keyProperty: 'order_id',
  partProperty: 'refund_id',
  amountProperties: amountFields,
  identifiesCustomer: true,
  check: checkMoney,
  interpret: interpretOrder,
  store: storeOrders,
  remove: (db, keys) => deleteProjection(db, 'customer_order', keys),
};

/** A refund that names no order. */
export const refundKind: RecordKind = {
  name: 'REFUND',
  effects: ['refund'],
  keyProperty: 'refund_id',
  check(report) {
    checkMoney(report);
    checkRefundAmount(report);
  },
  interpret: interpretOrderless,
  store: () => undefined,
};
