import type { Customer as CustomerRow } from '../../prisma/generated/client.ts';
import { identitiesOf, type OwnedIdentity } from '../../src/engine/customers/identities.ts';
import { plainTraits } from '../../src/engine/customers/reserved-traits.ts';
import { builder } from '../kernel/builder.ts';
import { Money, ownMoney, Revenue, type RevenueSum, requireCurrency } from '../kernel/money.ts';
import { addUuidNode } from '../kernel/node.ts';
import { createBatch } from '../kernel/per-operation.ts';
import { loadWorkspace } from '../kernel/workspace-row.ts';
import { findCustomer } from './customer-rows.ts';

const Identity = builder.objectRef<OwnedIdentity>('Identity').implement({
  description: 'One name a customer is known by. It leads to one customer.',
  fields: (t) => ({
    kind: t.exposeString('kind', {
      description:
        '"user_id", "email", "anonymous_id", or "external:" and what a partner calls it.',
    }),
    value: t.exposeString('value'),
  }),
});

const CustomerSubscription = builder.objectRef<CustomerRow>('CustomerSubscription').implement({
  description: "A customer's paid subscription, as its events tell of it.",
  fields: (t) => ({
    startedAt: t.expose('subscriptionStartedAt', { type: 'DateTime', nullable: true }),
    renewedAt: t.expose('subscriptionRenewedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was last renewed.',
    }),
    renewals: t.exposeInt('subscriptionRenewals'),
    cancelledAt: t.expose('subscriptionCancelledAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was last cancelled, though it may have been started again since.',
    }),
    active: t.boolean({
      description: 'Started or renewed, and not cancelled since.',
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

const loadForeignRevenue = createBatch<RevenueSum[]>(async ({ tx, workspaceId }, ids) => {
  const rows = await tx.customerForeignRevenue.findMany({
    where: { workspaceId, customerId: { in: [...ids] } },
    orderBy: { currency: 'asc' },
  });
  return Map.groupBy(rows, ({ customerId }) => customerId);
});

export const Customer = builder.prismaNode('Customer', {
  description:
    'A person or company in any stage, an anonymous visitor included. What is known is the sum of all its events.',
  id: { resolve: ({ id }) => id },
  findUnique: (id, { workspaceId }) => ({ workspaceId_id: { workspaceId, id } }),
  fields: (t) => ({
    email: t.exposeString('email', { nullable: true, description: 'The address told last.' }),
    name: t.exposeString('name', { nullable: true }),
    userId: t.exposeString('userId', {
      nullable: true,
      description: "The customer's id in your own system.",
    }),
    traits: t.field({
      type: 'JSON',
      description:
        'What `identify` told, trait by trait the latest; without the tags and consents, which are fields of their own.',
      resolve: ({ traits }) => plainTraits(traits),
    }),
    identified: t.boolean({
      description: 'Known by a user id or an e-mail address.',
      resolve: ({ userId, email }) => userId !== null || email !== null,
    }),
    identities: t.loadableGroup({
      type: Identity,
      description:
        'Every name that leads to this customer, those of customers merged into it included.',
      load: (ids: string[], { tx, workspaceId }) => identitiesOf(tx, workspaceId, ids),
      group: ({ ownerId }) => ownerId,
      resolve: ({ id }) => id,
    }),
    firstSeenAt: t.expose('firstSeenAt', { type: 'DateTime' }),
    lastSeenAt: t.expose('lastSeenAt', { type: 'DateTime' }),
    eventCount: t.exposeInt('eventCount'),
    activeDays: t.exposeInt('activeDays', {
      description: "Days with at least one event, in the workspace's time zone.",
    }),
    sessionCount: t.exposeInt('sessionCount', {
      description: 'Visits: page and screen views without a pause of 30 minutes between them.',
    }),
    leadAt: t.expose('leadAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was captured as a lead or signed up, whichever came first.',
    }),
    signedUpAt: t.expose('signedUpAt', { type: 'DateTime', nullable: true }),
    orderCount: t.exposeInt('orders', { description: 'The number of orders, in any currency.' }),
    firstOrderAt: t.expose('firstOrderAt', { type: 'DateTime', nullable: true }),
    lastOrderAt: t.expose('lastOrderAt', { type: 'DateTime', nullable: true }),
    grossRevenue: t.field({
      type: Money,
      description: "The sum of the orders in the workspace's currency.",
      resolve: ({ grossRevenue }, _args, ctx) => ownMoney(ctx, grossRevenue),
    }),
    refunded: t.field({
      type: Money,
      description: "The sum of what was given back, in the workspace's currency.",
      resolve: ({ refunded }, _args, ctx) => ownMoney(ctx, refunded),
    }),
    netRevenue: t.field({
      type: Money,
      description: "Orders less refunds in the workspace's currency.",
      resolve: ({ grossRevenue, refunded }, _args, ctx) => ownMoney(ctx, grossRevenue - refunded),
    }),
    foreignRevenue: t.field({
      type: [Revenue],
      description:
        "Orders and refunds in other currencies than the workspace's: nothing is converted.",
      resolve: async ({ id }, _args, ctx) => (await loadForeignRevenue(ctx, id, undefined)) ?? [],
    }),
    revenueIn: t.field({
      type: Revenue,
      description: 'Orders and refunds in one currency; zero where there are none.',
      args: {
        currency: t.arg.string({ required: true, description: 'Three letters (ISO 4217).' }),
      },
      resolve: async (customer, args, ctx) => {
        const currency = requireCurrency(args.currency);
        if ((await loadWorkspace(ctx)).currency === currency) return { ...customer, currency };
        const foreign = (await loadForeignRevenue(ctx, customer.id, undefined)) ?? [];
        const none = { currency, grossRevenue: 0n, refunded: 0n };
        return foreign.find((sum) => sum.currency === currency) ?? none;
      },
    }),
    subscription: t.field({
      type: CustomerSubscription,
      nullable: true,
      description: 'Null for a customer who never had one.',
      resolve: (customer) => (hadSubscription(customer) ? customer : null),
    }),
  }),
});

addUuidNode('Customer', findCustomer);

builder.prismaObjectField('Customer', 'mergedInto', (t) =>
  t.field({
    type: Customer,
    nullable: true,
    description:
      'Set for a merged customer: the one it lives on in. Ask that one for its present state.',
    resolve: async ({ mergedInto }, _args, ctx) =>
      mergedInto === null ? null : ((await findCustomer(ctx, mergedInto)) ?? null),
  }),
);

const hadSubscription = (row: CustomerRow) =>
  row.subscriptionStartedAt !== null ||
  row.subscriptionRenewedAt !== null ||
  row.subscriptionCancelledAt !== null;
