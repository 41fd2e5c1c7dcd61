import type { Principal } from '../../src/access/principal.ts';
import type { EventResult } from '../../src/engine/ingestion/event.ts';
import { InvalidInput } from '../../src/platform/errors.ts';
import { builder } from '../kernel/builder.ts';
import { leaveSnapshot } from '../kernel/per-operation.ts';
import { coveredByMutation } from '../kernel/scopes.ts';
import { EventType } from './event.ts';

declare module '../kernel/context.ts' {
  interface Services {
    /** Ingests tracking calls as received. Returns one result per call, in order. */
    ingest(principal: Principal, calls: unknown[], now: Date): Promise<EventResult[]>;
  }
}

const EventInput = builder.inputType('EventInput', {
  description:
    'One tracking call. It needs a `userId` or an `anonymousId`; a TRACK call needs the name of the `event`.',
  fields: (t) => ({
    type: t.field({ type: EventType, required: true }),
    userId: t.string({ description: "The customer's id in your own system." }),
    anonymousId: t.string({ description: 'An id made up for a visitor not known yet.' }),
    previousId: t.string({ description: 'Of ALIAS: the name that is to mean the same customer.' }),
    groupId: t.string({ description: 'Of GROUP: the id of the group.' }),
    event: t.string({ description: 'Of TRACK: what was done, such as "Order Completed".' }),
    name: t.string({ description: 'Of PAGE and SCREEN: the name of what was viewed.' }),
    messageId: t.string({
      description: 'Made up by the sender, once per event: then sending it again does no harm.',
    }),
    // Text, not DateTime: a malformed one is to cost its own event, not the whole operation.
    timestamp: t.string({ description: 'When it happened (RFC 3339); now when absent.' }),
    sentAt: t.string({
      description:
        "When it was sent by the sender's clock (RFC 3339); what that clock is off by is made good.",
    }),
    traits: t.field({ type: 'JSON', description: 'Of IDENTIFY and GROUP: an object.' }),
    properties: t.field({
      type: 'JSON',
      description: 'An object. Of orders and refunds, `total` and `currency` are understood.',
    }),
    context: t.field({ type: 'JSON', description: 'An object: where and how it happened.' }),
  }),
});

/** The call as any tracking library would have sent it. */
const toCall = (input: typeof EventInput.$inferInput): unknown =>
  Object.fromEntries(
    Object.entries(input).filter(([, value]) => value !== undefined && value !== null),
  );

const TrackStatus = builder.enumType('TrackStatus', {
  description: 'What became of one event.',
  values: {
    ACCEPTED: { value: 'accepted', description: 'Stored and applied.' },
    DUPLICATE: { value: 'duplicate', description: 'Its `messageId` was received before.' },
    REFUSED: { value: 'refused', description: 'Not stored; `code` and `message` say why.' },
  } as const satisfies Record<string, { value: EventResult['status']; description: string }>,
});

interface Indexed {
  index: number;
  result: EventResult;
}

const TrackResult = builder.objectRef<Indexed>('TrackResult').implement({
  authScopes: coveredByMutation,
  description: 'What became of one event.',
  fields: (t) => ({
    index: t.exposeInt('index', { description: 'The place of the event in `events`, from 0.' }),
    status: t.field({ type: TrackStatus, resolve: ({ result }) => result.status }),
    messageId: t.string({
      nullable: true,
      description: 'As sent, or made up here; null for a refused event that had none.',
      resolve: ({ result }) => result.messageId,
    }),
    code: t.string({
      nullable: true,
      description: 'Of a refused event.',
      resolve: ({ result }) => (result.status === 'refused' ? result.code : null),
    }),
    message: t.string({
      nullable: true,
      description: 'Of a refused event.',
      resolve: ({ result }) => (result.status === 'refused' ? result.message : null),
    }),
  }),
});

const count = (results: EventResult[], status: EventResult['status']) =>
  results.filter((result) => result.status === status).length;

const TrackPayload = builder.objectRef<EventResult[]>('TrackPayload').implement({
  authScopes: coveredByMutation,
  description: 'What became of the events that were sent.',
  fields: (t) => ({
    results: t.field({
      type: [TrackResult],
      description: 'One per event, in order.',
      complexity: { field: 1, multiplier: 1 },
      resolve: (results) => results.map((result, index) => ({ index, result })),
    }),
    accepted: t.int({ resolve: (results) => count(results, 'accepted') }),
    duplicates: t.int({ resolve: (results) => count(results, 'duplicate') }),
    refused: t.int({ resolve: (results) => count(results, 'refused') }),
  }),
});

const most = 250;

builder.mutationField('track', (t) =>
  t.field({
    type: TrackPayload,
    description: `Takes in up to ${most} events. When it answers, what was accepted is stored and applied; a bad event costs only itself.`,
    authScopes: { ingest: true },
    args: { events: t.arg({ type: [EventInput], required: true }) },
    resolve: async (_root, { events }, ctx) => {
      if (events.length > most) {
        throw new InvalidInput(
          `${events.length} events are too many: send at most ${most} at once.`,
        );
      }
      const { principal } = ctx;
      if (!principal) throw new Error('Authorised, yet nobody is known');
      await leaveSnapshot(ctx);
      return ctx.services.ingest(principal, events.map(toCall), ctx.now());
    },
  }),
);
