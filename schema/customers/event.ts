import type { Event as EventRow } from '../../prisma/generated/client.ts';
import { type RecentEvent, recentEvents } from '../../src/engine/customers/recent-events.ts';
import type { EventKind } from '../../src/engine/ingestion/event.ts';
import { builder } from '../kernel/builder.ts';
import type { RequestContext } from '../kernel/context.ts';
import { pageCost } from '../kernel/cost.ts';
import { uuidPattern } from '../kernel/global-id.ts';
import { Money } from '../kernel/money.ts';
import { addUuidNode } from '../kernel/node.ts';
import {
  afterArg,
  firstArg,
  pageSize,
  parsePlace,
  ticksPattern,
  toConnection,
} from '../kernel/page.ts';
import { createBatch } from '../kernel/per-operation.ts';
import { Customer } from './customer.ts';
import { survivorOf } from './customer-rows.ts';

const eventTypes = {
  TRACK: { value: 'track', description: 'Something was done; the name says what.' },
  IDENTIFY: { value: 'identify', description: 'Who somebody is: names and traits.' },
  PAGE: { value: 'page', description: 'A page was viewed.' },
  SCREEN: { value: 'screen', description: 'A screen of an app was viewed.' },
  GROUP: { value: 'group', description: 'Somebody belongs to a group, such as a company.' },
  ALIAS: { value: 'alias', description: 'Two names mean one customer.' },
} as const satisfies Record<Uppercase<EventKind>, { value: EventKind; description: string }>;

export const EventType = builder.enumType('EventType', {
  description: 'The tracking call by which an event came.',
  values: eventTypes,
});

export const Event = builder.prismaNode('Event', {
  description: 'An immutable fact received about a customer.',
  id: { resolve: ({ id }) => id },
  findUnique: (id, { workspaceId }) => ({ workspaceId_id: { workspaceId, id } }),
  fields: (t) => ({
    // The columns are texts; ingestion writes nothing else into them than these.
    kind: t.field({ type: EventType, resolve: ({ kind }) => kind as EventKind }),
    name: t.exposeString('name', {
      description: "Of a track call the event's name, of a page or screen call the page's.",
    }),
    occurredAt: t.expose('occurredAt', { type: 'DateTime', description: 'When it happened.' }),
    receivedAt: t.expose('receivedAt', { type: 'DateTime', description: 'When it was received.' }),
    messageId: t.exposeString('messageId', {
      description: 'The same one counts once, however often it is sent.',
    }),
    properties: t.expose('properties', { type: 'JSON' }),
    context: t.expose('context', { type: 'JSON', nullable: true }),
    amount: t.field({
      type: Money,
      nullable: true,
      description: 'Of orders and refunds only.',
      resolve: ({ amount, currency }) =>
        amount === null || currency === null ? null : { amount, currency },
    }),
    customer: t.field({
      type: Customer,
      description: 'Whose it is now: after a merge, the survivor.',
      resolve: ({ customerId }, _args, ctx) => survivorOf(ctx, customerId),
    }),
  }),
});

const loadEvent = createBatch<EventRow>(async ({ tx, workspaceId }, ids) => {
  const rows = await tx.event.findMany({ where: { workspaceId, id: { in: [...ids] } } });
  return new Map(rows.map((row) => [row.id, row]));
});

export const findEvent = (ctx: RequestContext, id: string) => loadEvent(ctx, id, undefined);

addUuidNode('Event', findEvent);

interface EventPage {
  after: { ticks: string; id: string } | undefined;
  limit: number;
}

const loadRecent = createBatch<RecentEvent[], EventPage>(({ tx, workspaceId }, owners, page) =>
  recentEvents(tx, workspaceId, { owners, ...page }),
);

function parseAfter(after: string | null | undefined): EventPage['after'] {
  if (after === null || after === undefined) return undefined;
  const [ticks = '', id = ''] = parsePlace('events', after, [ticksPattern, uuidPattern]);
  return { ticks, id };
}

const EventConnection = builder.connectionObject({ type: Event, name: 'EventConnection' });

builder.prismaObjectField('Customer', 'events', (t) =>
  t.field({
    type: EventConnection,
    description: 'Newest first, those of customers merged into it included.',
    complexity: pageCost,
    args: { first: t.arg.int(firstArg), after: t.arg.string(afterArg) },
    resolve: async ({ id }, args, ctx) => {
      const page = { after: parseAfter(args.after), limit: pageSize(args).size + 1 };
      const rows = (await loadRecent(ctx, id, page)) ?? [];
      return toConnection({
        list: 'events',
        rows,
        args,
        placeOf: (row) => [row.ticks.toString(), row.id],
      });
    },
  }),
);
