import type { ChangeStream, FollowRequest, StreamItem } from '../../src/engine/changes/hub.ts';
import { builder } from '../kernel/builder.ts';
import type { RequestContext } from '../kernel/context.ts';
import { ChangeKindType, changeTypes, toEntry, typeOfChange } from './change.ts';
import { changeArguments, toChangeLimits } from './change-arguments.ts';
import { StreamResetType } from './stream-reset.ts';

export const followArg =
  'Resumes after this cursor: first the missed changes, then live. Default: live changes only. `Last-Event-ID` takes precedence.';

export async function follow(
  ctx: RequestContext,
  { after, ...request }: Omit<FollowRequest, 'start'> & { after: string | null | undefined },
): Promise<ChangeStream> {
  const cursor = ctx.lastEventId ?? after ?? undefined;
  // Before the response begins: an invalid cursor is refused, and later changes are not missed.
  const start = await ctx.services.startAfter(ctx.workspaceId, cursor, ctx.tx);
  // The stream outlives this transaction by hours.
  await ctx.release();
  return ctx.services.follow(ctx.workspaceId, { ...request, start });
}

/** The items of a stream as the types of changes expect them. */
export const toStreamItem = (item: StreamItem) => ('reset' in item ? item : toEntry(item));

const ChangePayload = builder.unionType('ChangePayload', {
  description: 'A change, or the last item of a stream that cannot be resumed.',
  types: () => [...changeTypes(), StreamResetType],
  resolveType: (item) => ('reset' in item ? 'StreamReset' : typeOfChange(item)),
});

builder.subscriptionField('changes', (t) =>
  t.field({
    type: ChangePayload,
    description: 'All changes in the order of the change log.',
    args: {
      kinds: t.arg({ type: [ChangeKindType], description: 'Only these kinds. Default: all.' }),
      ...changeArguments(t.arg),
      after: t.arg({ type: 'Cursor', description: followArg }),
    },
    subscribe: async (_root, { kinds, after, ...args }, ctx) => {
      const limits = await toChangeLimits(ctx, args);
      return follow(ctx, { after, kinds: kinds ?? undefined, ...limits });
    },
    resolve: toStreamItem,
  }),
);
