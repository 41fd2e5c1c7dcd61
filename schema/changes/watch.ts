import DataLoader from 'dataloader';
import { formatCursor, parseCursor } from '../../src/engine/changes/cursor.ts';
import { type Followed, followed, type StreamItem } from '../../src/engine/changes/followed.ts';
import type { Interest, Topic } from '../../src/engine/changes/topic.ts';
import { builder } from '../kernel/builder.ts';
import type { RequestContext } from '../kernel/context.ts';
import { perOperation } from '../kernel/per-operation.ts';
import { ChangeKindType, changeTypes, toEntry, typeOfChange } from './change.ts';
import { changeArguments, toClauses } from './change-arguments.ts';
import { StreamResetType } from './stream-reset.ts';

export const followArg =
  'Resumes after this cursor: first the missed changes, then live. Default: live changes only. `Last-Event-ID` takes precedence.';

/** Follows the changes of interest after the cursor or, without one, after the present end of the log. */
export async function follow(
  ctx: RequestContext,
  { after, interest }: { after: string | null | undefined; interest: Interest },
): Promise<Followed> {
  const cursor = ctx.lastEventId ?? after ?? undefined;
  // Before the response begins: an invalid cursor is refused, and later changes are not missed.
  const start = await startLoader(ctx).load(
    cursor === undefined ? newStream : formatCursor(parseCursor(cursor)),
  );
  return followed({ start, interest, toItem: (item) => item });
}

/** Stands for no cursor. */
const newStream = '';

/** Many subscriptions may begin in one snapshot. */
const startLoader = perOperation(
  ({ services, workspaceId, tx }) =>
    new DataLoader((cursors: readonly string[]) =>
      services.startsAfter(
        workspaceId,
        cursors.map((cursor) => (cursor === newStream ? undefined : parseCursor(cursor))),
        tx,
      ),
    ),
);

/** The clause of an argument that lists values; none without it. */
export const clauseOf = <Value>(
  values: readonly Value[] | null | undefined,
  toTopic: (value: Value) => Topic,
): Interest => (values ? [values.map(toTopic)] : []);

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
      const interest = [
        ...clauseOf(kinds, (kind) => `kind:${kind}`),
        ...(await toClauses(ctx, args)),
      ];
      return follow(ctx, { after, interest });
    },
    resolve: toStreamItem,
  }),
);
