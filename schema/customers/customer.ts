import { identitiesOf, type OwnedIdentity } from '../../src/engine/customers/identities.ts';
import { plainTraits } from '../../src/engine/customers/reserved-traits.ts';
import { builder } from '../kernel/builder.ts';
import { addUuidNode } from '../kernel/node.ts';
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
