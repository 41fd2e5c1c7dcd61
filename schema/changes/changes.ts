import { builder } from '../kernel/builder.ts';
import type { ChangesAnswer } from '../kernel/context.ts';
import { demandSize } from '../kernel/page.ts';
import { segmentIdOf, segmentThenArg } from '../segments/segment.ts';
import { asTold, Change, ChangeKindType, StreamReset } from './change.ts';

type Page = Exclude<ChangesAnswer, { reset: unknown }>;

const ChangePage = builder.objectRef<Page>('ChangePage').implement({
  description: 'A stretch of the change log.',
  fields: (t) => ({
    changes: t.field({
      type: [Change],
      // The cost is counted by `first` at the field above.
      complexity: { field: 0, multiplier: 1 },
      resolve: ({ changes }) => changes.map(asTold),
    }),
    cursor: t.expose('cursor', {
      type: 'Cursor',
      description:
        'The place of the last change looked at, whether wanted or not: pass it as `after` for the next page.',
    }),
    hasMore: t.exposeBoolean('hasMore'),
  }),
});

const ChangesResult = builder.unionType('ChangesResult', {
  description: 'A page, or the news that there is none for the cursor.',
  types: [ChangePage, StreamReset],
  resolveType: (answer) => ('reset' in answer ? StreamReset : ChangePage),
});

const most = 1_000;

builder.queryField('changes', (t) =>
  t.field({
    type: ChangesResult,
    description:
      'Reads the change log in order: whatever can be watched can also be fetched, by whoever was away.',
    complexity: ({ first }) => ({ field: 1, multiplier: first ?? 100 }),
    args: {
      after: t.arg({
        type: 'Cursor',
        description: 'Where to go on; from the oldest change kept when absent.',
      }),
      kinds: t.arg({ type: [ChangeKindType], description: 'Only these; all when absent.' }),
      segment: t.arg.string({ description: segmentThenArg }),
      first: t.arg.int({ defaultValue: 100, description: `At most ${most}.` }),
    },
    resolve: async (_root, { after, kinds, segment, first }, ctx) => {
      const request = {
        after: after ?? undefined,
        kinds: kinds ?? undefined,
        segmentId: await segmentIdOf(ctx, segment),
        first: demandSize('first', first ?? 100, most),
      };
      return ctx.services.readChanges(ctx.workspaceId, request, ctx.tx);
    },
  }),
);
