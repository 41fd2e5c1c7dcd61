import {
  maxRejectedEvents,
  maxRejectedText,
  oldestRejected,
  rejectedEventDays,
} from '../../src/engine/ingestion/store-rejected-events.ts';
import { builder } from '../kernel/builder.ts';
import { pageCost } from '../kernel/cost.ts';
import { uuidPattern } from '../kernel/global-id.ts';
import { addUuidNode, keyedById } from '../kernel/node.ts';
import { afterArg, firstArg, pageSize, parsePageCursor, toConnection } from '../kernel/page.ts';
import { createRowBatch } from '../kernel/per-operation.ts';

const RejectedEvent = builder.prismaNode('RejectedEvent', {
  description: 'An event that was received and not stored, with the reason.',
  ...keyedById,
  fields: (t) => ({
    receivedAt: t.expose('receivedAt', { type: 'DateTime' }),
    code: t.exposeString('code', { description: 'The reason as a stable code.' }),
    message: t.exposeString('message', { description: 'What to correct.' }),
    messageId: t.exposeString('messageId', {
      nullable: true,
      description: 'As sent. Null if the event had none.',
    }),
    keyId: t.exposeString('keyId', {
      nullable: true,
      description: 'The id of the API key that sent the event. Null if the server created it.',
    }),
    event: t.exposeString('event', {
      nullable: true,
      description: `The event as received, as JSON; the first ${maxRejectedText} characters if it is longer. Null if it is nested more than 32 levels deep.`,
    }),
    isCut: t.exposeBoolean('isCut', { description: 'True if `event` is not complete.' }),
  }),
});

addUuidNode(
  'RejectedEvent',
  createRowBatch((tx, where) => tx.rejectedEvent.findMany({ where })),
);

const RejectedEventConnection = builder.connectionObject({
  type: RejectedEvent,
  name: 'RejectedEventConnection',
});

const list = 'rejectedEvents';

builder.queryField(list, (t) =>
  t.field({
    type: RejectedEventConnection,
    description: `The events of the last ${rejectedEventDays} days that were not stored, newest first. The latest ${maxRejectedEvents} are kept. Clients often ignore the result of each event in a response.`,
    complexity: pageCost,
    args: { first: t.arg.int(firstArg), after: t.arg.string(afterArg) },
    resolve: async (_root, args, { tx, workspaceId, now }) => {
      const [before] = parsePageCursor(list, args.after, [uuidPattern]) ?? [];
      const rows = await tx.rejectedEvent.findMany({
        where: {
          workspaceId,
          receivedAt: { gte: oldestRejected(now()) },
          ...(before !== undefined && { id: { lt: before } }),
        },
        orderBy: { id: 'desc' },
        take: pageSize(args).size + 1,
      });
      return toConnection({ list, rows, args, sortKeyOf: ({ id }) => [id] });
    },
  }),
);
