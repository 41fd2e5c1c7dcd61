import { identitiesOf, type OwnedIdentity } from '../../src/engine/customers/identities.ts';
import { plainTraits } from '../../src/engine/customers/reserved-traits.ts';
import { builder } from '../kernel/builder.ts';
import { addUuidNode, keyedById } from '../kernel/node.ts';
import { findCustomer } from './customer-rows.ts';

const Identity = builder.objectRef<OwnedIdentity>('Identity').implement({
  description:
    'An identity of a customer. An e-mail address may belong to several customers, every other identity belongs to one.',
  fields: (t) => ({
    kind: t.exposeString('kind', {
      description:
        '"user_id", "email", "anonymous_id", or "external:" followed by the name of the external system.',
    }),
    value: t.exposeString('value'),
    since: t.expose('since', {
      type: 'DateTime',
      description: 'The time of the first event in which the customer had it.',
    }),
  }),
});

export const Customer = builder.prismaNode('Customer', {
  description:
    'A person or company in any stage, including anonymous visitors. All data is derived from events.',
  ...keyedById,
  fields: (t) => ({
    email: t.exposeString('email', {
      nullable: true,
      description: 'The latest e-mail address. Null after `identify` has removed it.',
    }),
    name: t.exposeString('name', { nullable: true }),
    userId: t.exposeString('userId', {
      nullable: true,
      description: 'The id of the customer in your own system.',
    }),
    traits: t.field({
      type: 'JSON',
      description:
        'The latest value of each trait from `identify` calls, without tags and consents.',
      resolve: ({ traits }) => plainTraits(traits),
    }),
    identified: t.boolean({
      description: 'True if a user id or an e-mail address is known.',
      resolve: ({ userId, email }) => userId !== null || email !== null,
    }),
    identities: t.loadableGroup({
      type: Identity,
      description: 'All identities of the customer and of those merged into it.',
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
      description:
        'The number of visits. A pause of more than 30 minutes between page or screen views starts a new visit.',
    }),
  }),
});

addUuidNode('Customer', findCustomer);

builder.prismaObjectField('Customer', 'mergedInto', (t) =>
  t.field({
    type: Customer,
    nullable: true,
    description:
      'The surviving customer, which has the present state. Null unless this customer was merged.',
    resolve: ({ mergedInto }, _args, ctx) => findCustomer(ctx, mergedInto),
  }),
);
