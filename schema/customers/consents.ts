import {
  decisionsInForce,
  latestConsents,
  type OwnedDecision,
} from '../../src/engine/customers/consents.ts';
import { InvalidInput, NotFound } from '../../src/platform/errors.ts';
import { builder } from '../kernel/builder.ts';
import { addServiceMutation, definePayload } from '../kernel/mutation.ts';
import { Customer } from './customer.ts';
import { survivorOf } from './customer-rows.ts';
import { asEdit, editCustomers, requireCustomer, requireText } from './edit.ts';
import { EventNode, findEvent } from './event.ts';

const ConsentType = builder.objectRef<OwnedDecision>('Consent').implement({
  description:
    'The decision of a customer about one purpose, for one channel or all. Purposes without a decision are absent.',
  fields: (t) => ({
    purpose: t.exposeString('purpose', { description: 'For example "newsletter".' }),
    channel: t.exposeString('channel', {
      nullable: true,
      description: 'For example "email". Null for a decision about all channels.',
    }),
    granted: t.boolean({
      description: 'True if granted, false if denied.',
      resolve: ({ state }) => state === 'GRANTED',
    }),
    at: t.expose('at', { type: 'DateTime', description: 'When the customer decided.' }),
    source: t.exposeString('source', {
      description:
        'Where the customer decided, as stated; otherwise "setConsent" or "identify", by which it was recorded.',
    }),
    event: t.field({
      type: EventNode,
      nullable: true,
      description: 'The event that recorded it.',
      resolve: ({ eventId }, _args, ctx) => findEvent(ctx, eventId),
    }),
  }),
});

builder.prismaObjectField('Customer', 'consents', (t) =>
  t.loadableGroup({
    type: ConsentType,
    description:
      'The consents in force, sorted by purpose and channel. A later decision about all channels replaces those about one. `CustomerFilter.consent` filters by them.',
    load: async (ids: string[], { tx, workspaceId }) => {
      const latest = await latestConsents(tx, workspaceId, ids);
      return [...Map.groupBy(latest, ({ ownerId }) => ownerId).values()].flatMap(decisionsInForce);
    },
    group: ({ ownerId }) => ownerId,
    resolve: ({ id }) => id,
  }),
);

const SetConsentPayload = definePayload<{ customer: string }>(
  'SetConsentPayload',
  'The customer with the recorded consent.',
  (t) => ({
    customer: t.field({
      type: Customer,
      resolve: ({ customer }, _args, ctx) => survivorOf(ctx, customer),
    }),
  }),
);

addServiceMutation('setConsent', {
  type: SetConsentPayload,
  description: `Records whether a customer consents to one purpose. ${asEdit('Consent Changed')}`,
  errors: [NotFound, InvalidInput],
  args: (arg) => ({
    customer: arg.id({ required: true }),
    purpose: arg.string({ required: true, description: 'For example "newsletter".' }),
    channel: arg.string({ description: 'For example "email". Default: all channels.' }),
    granted: arg.boolean({ required: true, description: 'True to grant, false to deny.' }),
    source: arg.string({
      description: 'Where the customer decided, for example "phone call". Default: "setConsent".',
    }),
  }),
  async parse({ customer, granted, ...args }, ctx) {
    const consent = {
      purpose: requireText('purpose', args.purpose),
      channel: args.channel == null ? null : requireText('channel', args.channel),
      state: granted ? ('GRANTED' as const) : ('DENIED' as const),
      source: requireText('source', args.source ?? 'setConsent'),
    };
    return { customer: await requireCustomer(ctx, customer), consent };
  },
  call: ({ customer, consent }, ctx) =>
    editCustomers(
      [
        {
          ...{ name: 'Consent Changed', kind: 'track', customerIds: [customer] },
          ...{ properties: { ...consent }, consents: [consent] },
        },
      ],
      ctx,
    ),
});
