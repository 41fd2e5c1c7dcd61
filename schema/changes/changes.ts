import { builder } from '../kernel/builder.ts';
import { requireSize } from '../kernel/page.ts';
import { ChangeInterface, ChangeKindType, toEntry } from './change.ts';
import { changeArguments, toChangeLimits } from './change-arguments.ts';
import type { ChangesPage } from './services.ts';
import { StreamResetType } from './stream-reset.ts';

const ChangePageType = builder.objectRef<ChangesPage>('ChangePage').implement({
  description: 'A page of the change log.',
  fields: (t) => ({
    changes: t.field({
      type: [ChangeInterface],
      // The cost is counted by `first` at the field above.
      complexity: { field: 0, multiplier: 1 },
      resolve: ({ changes }) => changes.map(toEntry),
    }),
    cursor: t.expose('cursor', {
      type: 'Cursor',
      description:
        'The position of the last change examined, returned or not. Pass it as `after` for the next page.',
    }),
    hasMore: t.exposeBoolean('hasMore'),
  }),
});

const ChangesResultType = builder.unionType('ChangesResult', {
  description: 'A page, or the reason why the cursor cannot be continued from.',
  types: [ChangePageType, StreamResetType],
  resolveType: (result) => ('reset' in result ? StreamResetType : ChangePageType),
});

const maxPage = 1_000;

builder.queryField('changes', (t) =>
  t.field({
    type: ChangesResultType,
    description: 'The change log in ascending order.',
    complexity: ({ first }) => ({ field: 1, multiplier: first ?? 100 }),
    args: {
      after: t.arg({
        type: 'Cursor',
        description: 'Returns changes after this cursor. Default: from the oldest change kept.',
      }),
      kinds: t.arg({ type: [ChangeKindType], description: 'Only these kinds. Default: all.' }),
      ...changeArguments(t.arg),
      first: t.arg.int({ defaultValue: 100, description: `1 to ${maxPage}.` }),
    },
    resolve: async (_root, { after, kinds, first, ...args }, ctx) => {
      const request = {
        after: after ?? undefined,
        kinds: kinds ?? undefined,
        first: requireSize('first', first ?? 100, maxPage),
        ...(await toChangeLimits(ctx, args)),
      };
      return ctx.services.readChanges(ctx.workspaceId, request, ctx.tx);
    },
  }),
);
