import type { ChangeActor as ActorData, MoveCause } from '../../src/engine/changes/kinds.ts';
import { EventNode, findEvent } from '../customers/event.ts';
import { builder } from '../kernel/builder.ts';

export const TransitionCause = builder.enumType('TransitionCause', {
  description: 'What caused a transition.',
  values: {
    CORRECTION: {
      description: 'An event corrected a record, such as an order, that was reported before.',
    },
    EVENT: { description: 'An event changed the facts.' },
    MERGE: { description: 'Two customers were merged.' },
    UNMERGE: { description: 'A merge was undone.' },
    TIME: { description: 'Time passed: a time limit of the rule was reached.' },
    MANUAL: { description: 'A user moved the customer, or changed a list that the rule uses.' },
    DEFINITION: { description: 'The rules changed.' },
    // Domains add theirs with `addMoveCause`.
  } as Record<MoveCause, { description: string }>,
});

/** Adds a cause that a domain declares in `MoveCauses`. */
export const addMoveCause = (cause: MoveCause, description: string) =>
  TransitionCause.updateConfig((config) => ({
    ...config,
    values: { ...config.values, [cause]: { value: cause, description, pothosOptions: {} } },
  }));

export const Actor = builder.objectRef<ActorData>('Actor').implement({
  description: 'Who made a manual change, identified by the API key.',
  fields: (t) => ({
    keyId: t.exposeString('keyId'),
    name: t.exposeString('name', { description: 'The name of the key at that time.' }),
  }),
});

export const lateText =
  'Whether the event arrived late. Its effect was then applied to the state at the time of arrival.';

/** A change with its cause. */
interface Caused {
  change: { data: { cause: MoveCause; event: string | null; late: boolean } };
}

/** Adds the fields that all changes with a cause share. */
export function addCause<Entry extends Caused>(
  ref: ReturnType<typeof builder.objectRef<Entry>>,
): void {
  builder.objectFields(ref, (t) => ({
    late: t.boolean({ description: lateText, resolve: ({ change }) => change.data.late }),
    event: t.field({
      type: EventNode,
      nullable: true,
      description: 'The event that caused the change.',
      resolve: ({ change: { data } }, _args, ctx) => findEvent(ctx, data.event),
    }),
    cause: t.field({ type: TransitionCause, resolve: ({ change }) => change.data.cause }),
  }));
}
