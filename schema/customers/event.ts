import type { Trust } from '../../src/access/principal.ts';
import type { EventOrigin } from '../../src/engine/customers/event-origin.ts';
import { type RecentEvent, recentEvents } from '../../src/engine/customers/recent-events.ts';
import type { EventKind } from '../../src/engine/ingestion/event.ts';
import { builder } from '../kernel/builder.ts';
import { pageCost } from '../kernel/cost.ts';
import { uuidPattern } from '../kernel/global-id.ts';
import { addUuidNode, keyedById } from '../kernel/node.ts';
import {
  afterArg,
  firstArg,
  pageSize,
  parsePageCursor,
  ticksPattern,
  toConnection,
} from '../kernel/page.ts';
import { createBatch, createRowBatch } from '../kernel/per-operation.ts';
import { Customer } from './customer.ts';
import { survivorOf } from './customer-rows.ts';

const eventTypes = {
  TRACK: { value: 'track', description: 'An action, described by its name.' },
  IDENTIFY: { value: 'identify', description: 'Identities and traits of a customer.' },
  PAGE: { value: 'page', description: 'A page view.' },
  SCREEN: { value: 'screen', description: 'A screen view in an app.' },
  GROUP: { value: 'group', description: 'The membership in a group, such as a company.' },
  ALIAS: { value: 'alias', description: 'Two identities belong to one customer.' },
} as const satisfies Record<Uppercase<EventKind>, { value: EventKind; description: string }>;

export const EventType = builder.enumType('EventType', {
  description: 'The type of the tracking call.',
  values: eventTypes,
});

const EventTrust = builder.enumType('EventTrust', {
  description: 'How far an event can be trusted.',
  values: {
    SERVER: { value: 'SERVER', description: 'Sent with a key that is kept secret.' },
    BROWSER: {
      value: 'BROWSER',
      description: 'Sent with a key of the scope COLLECT, which everyone can read.',
    },
  } as const satisfies Record<Trust, { value: Trust; description: string }>,
});

const EventOriginType = builder.enumType('EventOrigin', {
  description: 'Who caused an event.',
  values: {
    CUSTOMER: { value: 'CUSTOMER', description: 'The customer. The event is activity.' },
    SYSTEM: {
      value: 'SYSTEM',
      description:
        'An operator or the product. The event is no activity: no fact such as `lastSeenAt` counts it, and no churn model.',
    },
  } as const satisfies Record<EventOrigin, { value: EventOrigin; description: string }>,
});

export const EventNode = builder.prismaNode('Event', {
  description:
    'An immutable record of something a customer did, or that was done to it: see `origin`.',
  ...keyedById,
  fields: (t) => ({
    // The column holds these values only.
    kind: t.field({ type: EventType, resolve: ({ kind }) => kind as EventKind }),
    name: t.exposeString('name', {
      description:
        'The name of the event, page or screen. Edits by hand are "Tags Changed", "Consent Changed", "Customer Updated" and "Customers Merged".',
    }),
    occurredAt: t.expose('occurredAt', {
      type: 'DateTime',
      description:
        'When the event happened, by the clock of the server. Never later than `receivedAt`.',
    }),
    reportedAt: t.expose('reportedAt', {
      type: 'DateTime',
      nullable: true,
      description:
        'When the event happened according to the sender. Null unless it differs from `occurredAt`, because the clock of the sender was wrong or the time was ahead of the receipt.',
    }),
    receivedAt: t.expose('receivedAt', {
      type: 'DateTime',
      description: 'When the event was received.',
    }),
    messageId: t.exposeString('messageId', {
      description: 'Unique per event. An event sent again with the same id is ignored.',
    }),
    // The column holds these values only.
    trust: t.field({ type: EventTrust, resolve: ({ trust }) => trust as Trust }),
    // The column holds these values only.
    origin: t.field({
      type: EventOriginType,
      resolve: ({ origin }) => origin as EventOrigin,
    }),
    properties: t.expose('properties', { type: 'JSON' }),
    context: t.expose('context', {
      type: 'JSON',
      nullable: true,
      description: 'The context as sent. For edits by hand: `keyId`, the API key.',
    }),
    customer: t.field({
      type: Customer,
      description: 'The customer; after a merge, the surviving customer.',
      resolve: ({ customerId }, _args, ctx) => survivorOf(ctx, customerId),
    }),
  }),
});

export const findEvent = createRowBatch((tx, where) => tx.event.findMany({ where }));

addUuidNode('Event', findEvent);

interface EventPage {
  after: { ticks: string; id: string } | undefined;
  limit: number;
}

const loadRecent = createBatch<RecentEvent[], [EventPage]>(({ tx, workspaceId }, owners, page) =>
  recentEvents(tx, workspaceId, { owners, ...page }),
);

function parseAfter(text: string | null | undefined): EventPage['after'] {
  const after = parsePageCursor('events', text, [ticksPattern, uuidPattern]);
  return after && { ticks: after[0], id: after[1] };
}

const EventConnection = builder.connectionObject({ type: EventNode, name: 'EventConnection' });

builder.prismaObjectField('Customer', 'events', (t) =>
  t.field({
    type: EventConnection,
    description: 'The events of the customer and of those merged into it, newest first.',
    complexity: pageCost,
    args: { first: t.arg.int(firstArg), after: t.arg.string(afterArg) },
    resolve: async ({ id }, args, ctx) => {
      const page = { after: parseAfter(args.after), limit: pageSize(args).size + 1 };
      const rows = (await loadRecent(ctx, id, page)) ?? [];
      return toConnection({
        list: 'events',
        rows,
        args,
        sortKeyOf: (row) => [row.ticks.toString(), row.id],
      });
    },
  }),
);
