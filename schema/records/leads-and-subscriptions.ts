import type { Customer as CustomerRow } from '../../prisma/generated/client.ts';
import { builder } from '../kernel/builder.ts';

const CustomerSubscription = builder.objectRef<CustomerRow>('CustomerSubscription').implement({
  description: 'The paid subscription of a customer, derived from its events.',
  fields: (t) => ({
    startedAt: t.expose('subscriptionStartedAt', { type: 'DateTime', nullable: true }),
    renewedAt: t.expose('subscriptionRenewedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'The latest renewal.',
    }),
    renewals: t.exposeInt('subscriptionRenewals'),
    cancelledAt: t.expose('subscriptionCancelledAt', {
      type: 'DateTime',
      nullable: true,
      description: 'The latest cancellation. The subscription may have started again since.',
    }),
    active: t.boolean({
      description: 'True if started or renewed and not cancelled since.',
      resolve: isActive,
    }),
  }),
});

function isActive(row: CustomerRow): boolean {
  const alive = Math.max(
    row.subscriptionStartedAt?.getTime() ?? Number.NEGATIVE_INFINITY,
    row.subscriptionRenewedAt?.getTime() ?? Number.NEGATIVE_INFINITY,
  );
  return alive > (row.subscriptionCancelledAt?.getTime() ?? Number.NEGATIVE_INFINITY);
}

builder.prismaObjectFields('Customer', (t) => ({
  leadAt: t.expose('leadAt', {
    type: 'DateTime',
    nullable: true,
    description: 'When the customer was captured as a lead or signed up, whichever came first.',
  }),
  signedUpAt: t.expose('signedUpAt', { type: 'DateTime', nullable: true }),
  subscription: t.field({
    type: CustomerSubscription,
    nullable: true,
    description: 'Null if the customer never had a subscription.',
    resolve: (customer) => (hadSubscription(customer) ? customer : null),
  }),
}));

const hadSubscription = (row: CustomerRow) =>
  row.subscriptionStartedAt !== null ||
  row.subscriptionRenewedAt !== null ||
  row.subscriptionCancelledAt !== null;
