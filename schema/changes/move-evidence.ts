import type { MoveCause } from '../../src/engine/changes/kinds.ts';
import { Event, findEvent } from '../customers/event.ts';
import { builder } from '../kernel/builder.ts';
import { TransitionCause } from './transition.ts';

/** A change that says what brought it about. */
interface Moved {
  change: { data: { cause: MoveCause; event: string | null; late: boolean } };
}

/** What every type of change has in common that tells of a customer's move. */
export function addEvidence<Told extends Moved>(
  ref: ReturnType<typeof builder.objectRef<Told>>,
): void {
  builder.objectFields(ref, (t) => ({
    late: t.boolean({
      description: 'The event came late, and took effect where the customer stood by then.',
      resolve: ({ change }) => change.data.late,
    }),
    event: t.field({
      type: Event,
      nullable: true,
      description: 'The event that brought it about.',
      resolve: async ({ change: { data } }, _args, ctx) =>
        data.event === null ? null : ((await findEvent(ctx, data.event)) ?? null),
    }),
    cause: t.field({ type: TransitionCause, resolve: ({ change }) => change.data.cause }),
  }));
}
