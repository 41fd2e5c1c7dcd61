import {
  InvalidReport,
  type RecordKind,
  type Report,
  type ReportedRecord,
} from '../../../engine/records/record-kind.ts';
import { interpretOrder } from './interpret-order.ts';
import { amountFields, readAmount, refundAmount } from './order-amounts.ts';
import { currencyOf } from './order-state.ts';
import { storeOrders } from './store-orders.ts';

export const orderKind: RecordKind = {
  name: 'ORDER',
  effects: ['order', 'order_updated', 'order_cancelled', 'refund'],
  keyProperty: 'order_id',
  partProperty: 'refund_id',
  identifiesCustomer: true,
  check: checkReport,
  interpret: interpretOrder,
  store: storeOrders,
};

function checkReport({
  effect,
  properties,
  key,
  currency: own,
}: Pick<Report, 'effect' | 'properties'> & Pick<ReportedRecord, 'key' | 'currency'>) {
  const currency = currencyOf(properties, own);
  if (!/^[A-Z]{3}$/.test(currency) || !isAbsentOrText(properties['currency'])) {
    throw new InvalidReport('properties.currency: must be a code of three letters (ISO 4217)');
  }
  for (const field of amountFields) {
    const value = properties[field];
    if (value === undefined || value === null) continue;
    if (readAmount(value, currency) !== undefined) continue;
    throw new InvalidReport(`properties.${field}: must be a decimal number of 0 to 10^13`);
  }
  if (effect === 'refund' && key === null && refundAmount(properties, currency) === undefined) {
    throw new InvalidReport(
      'properties.total: a refund needs the amount given back, or the order_id of its order',
    );
  }
}

const isAbsentOrText = (value: unknown) =>
  value === undefined || value === null || typeof value === 'string';
