import {
  readTimelines,
  type TimelineItem,
  type TimelinePosition,
} from '../../src/engine/customers/timeline.ts';
import { EventNode } from '../customers/event.ts';
import { builder } from '../kernel/builder.ts';
import { pageCost } from '../kernel/cost.ts';
import { uuidPattern } from '../kernel/global-id.ts';
import {
  afterArg,
  firstArg,
  numberPattern,
  pageSize,
  parsePageCursor,
  ticksPattern,
  toConnection,
} from '../kernel/page.ts';
import { createBatch } from '../kernel/per-operation.ts';
import { changeTypes, toEntry, typeOfChange } from './change.ts';

const TimelineItemType = builder.unionType('TimelineItem', {
  description: 'An event of a customer, or a change that was recorded for it.',
  types: () => [EventNode, ...changeTypes()],
  resolveType: (item) => ('change' in item ? typeOfChange(item) : 'Event'),
});

const TimelineConnection = builder.connectionObject({
  type: TimelineItemType,
  name: 'TimelineConnection',
});

interface TimelinePage {
  after: TimelinePosition | undefined;
  limit: number;
}

const load = createBatch<TimelineItem[], [TimelinePage]>(({ tx, workspaceId }, owners, page) =>
  readTimelines(tx, workspaceId, { owners, ...page }),
);

const sortKeyOf = ({ sortKey: { ticks, position, eventId } }: TimelineItem) => [
  ticks,
  position ?? '',
  eventId ?? '',
];

function parseAfter(after: string | null | undefined): TimelinePosition | undefined {
  if (after === null || after === undefined) return undefined;
  const empty = /^$/;
  const isEvent =
    parsePageCursor('timeline', after, [ticksPattern, /^\d*$/, /^[0-9a-f-]*$/])?.[1] === '';
  const [ticks = '', position, eventId] =
    parsePageCursor(
      'timeline',
      after,
      isEvent ? [ticksPattern, empty, uuidPattern] : [ticksPattern, numberPattern, empty],
    ) ?? [];
  return isEvent
    ? { ticks, position: undefined, eventId }
    : { ticks, position, eventId: undefined };
}

builder.prismaObjectField('Customer', 'timeline', (t) =>
  t.field({
    type: TimelineConnection,
    description:
      'The events and changes of the customer and of those merged into it, by the time they happened, newest first.',
    complexity: pageCost,
    args: { first: t.arg.int(firstArg), after: t.arg.string(afterArg) },
    resolve: async ({ id }, args, ctx) => {
      const page = { after: parseAfter(args.after), limit: pageSize(args).size + 1 };
      const rows = (await load(ctx, id, page)) ?? [];
      const { edges, pageInfo } = toConnection({ list: 'timeline', rows, args, sortKeyOf });
      return { pageInfo, edges: edges.map(({ cursor, node }) => ({ cursor, node: nodeOf(node) })) };
    },
  }),
);

const nodeOf = ({ item }: TimelineItem) => ('event' in item ? item.event : toEntry(item));
