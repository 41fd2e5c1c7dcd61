import type { RecordKind } from '../../../engine/records/record-kind.ts';
import type { Transaction } from '../../../platform/database.ts';
import { deleteProjection, storeProjection } from '../projections/store-projection.ts';
import { interpretSubscription, type SubscriptionState } from './interpret-subscription.ts';

export const subscriptionKind: RecordKind = {
  name: 'SUBSCRIPTION',
  effects: ['subscription_started', 'subscription_renewed', 'subscription_cancelled'],
  keyProperty: 'subscription_id',
  countsBeyondMax: true,
  check: () => undefined,
  interpret: interpretSubscription,
  store: (db: Transaction, states) =>
    storeProjection<SubscriptionState>(db, 'subscription', states, {
      customer_id: ['uuid', ({ customerId }) => customerId],
      status: ['text', ({ status }) => status],
      plan: ['text', ({ plan }) => plan],
      started_at: ['timestamptz', ({ startedAt }) => startedAt],
      renewed_at: ['timestamptz', ({ renewedAt }) => renewedAt],
      renewals: ['integer', ({ renewals }) => renewals],
      cancelled_at: ['timestamptz', ({ cancelledAt }) => cancelledAt],
    }),
  remove: (db, keys) => deleteProjection(db, 'subscription', keys),
};
