import {
  InvalidReport,
  type Report,
  type ReportedRecord,
} from '../../../engine/records/record-kind.ts';
import { maxAmount } from '../../../platform/minor-units.ts';
import { amountFields, readAmount } from './order-amounts.ts';
import { currencyOf } from './order-state.ts';
import { refundAmount } from './refund-amount.ts';

type CheckedReport = Pick<Report, 'properties'> & Pick<ReportedRecord, 'currency'>;

/** @throws InvalidReport unless the currency and the amounts are valid */
export function checkMoney({ properties, currency: own }: CheckedReport): void {
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
}

/** @throws InvalidReport without an amount, or if it is too high, which no order limits */
export function checkRefundAmount({ properties, currency }: CheckedReport): void {
  const amount = refundAmount(properties, {
    currency: currencyOf(properties, currency),
    lines: [],
  });
  if (amount === undefined) {
    throw new InvalidReport(
      'properties.total: a refund needs the amount given back, or the order_id of its order',
    );
  }
  if (amount > maxAmount) {
    throw new InvalidReport('properties.products: the amounts must add up to at most 10^13');
  }
}

const isAbsentOrText = (value: unknown) =>
  value === undefined || value === null || typeof value === 'string';
