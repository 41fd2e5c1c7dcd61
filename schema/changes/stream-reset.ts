import type { StreamItem } from '../../src/engine/changes/followed.ts';
import type { StreamReset as StreamResetInfo } from '../../src/engine/changes/resume.ts';
import { builder } from '../kernel/builder.ts';

/** The item of a stream whose cursor cannot be resumed from. */
export type Reset = Extract<StreamItem, { reset: StreamResetInfo }>;

const resetReasons = {
  UNKNOWN_LOG: { description: 'The cursor belongs to another log than the present one.' },
  TOO_OLD: { description: 'The changes after the cursor have been deleted.' },
  AHEAD_OF_LOG: {
    description: 'The cursor lies beyond the end of the log, which was restored from a backup.',
  },
} as const satisfies Record<StreamResetInfo['reason'], { description: string }>;

const StreamResetReason = builder.enumType('StreamResetReason', {
  description: 'Why a stream cannot be resumed from a cursor.',
  values: resetReasons,
});

export const StreamResetType = builder.objectRef<Reset>('StreamReset').implement({
  description:
    'The stream cannot be resumed from the cursor and ends with this item. Read the state again, then continue after the `cursor` given here. The same is in `extensions.stream.reset`.',
  fields: (t) => ({
    reason: t.field({ type: StreamResetReason, resolve: ({ reset }) => reset.reason }),
    cursor: t.field({
      type: 'Cursor',
      description: 'The present end of the log.',
      resolve: ({ reset }) => reset.cursor,
    }),
    at: t.field({ type: 'DateTime', resolve: ({ reset }) => reset.at }),
  }),
});
