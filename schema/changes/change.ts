import { formatCursor } from '../../src/engine/changes/cursor.ts';
import type { ChangeKind, Change as ChangeRow } from '../../src/engine/changes/kinds.ts';
import { Customer } from '../customers/customer.ts';
import { survivorOf } from '../customers/customer-rows.ts';
import { builder } from '../kernel/builder.ts';
import { formatGlobalId } from '../kernel/global-id.ts';
import { loadLog } from '../kernel/workspace-row.ts';

// A table rather than a generic interface, whose members would not be assignable to the whole.
type EntryByKind = {
  [K in ChangeKind]: { change: Extract<ChangeRow, { kind: K }>; cursor?: string };
};

/** A change of one kind or any, with its cursor where it is known already. */
export type ChangeEntry<K extends ChangeKind = ChangeKind> = EntryByKind[K];

/** The same value: TypeScript does not see that a pair with a union inside is a union of pairs. */
export const toEntry = (placed: { change: ChangeRow; cursor?: string }) => placed as ChangeEntry;

export const ChangeKindType = builder.enumType('ChangeKind', {
  description: 'The kinds of entries in the change log. Each has a type of its own.',
  // Each kind is added with its type.
  values: {} as Record<ChangeKind, object>,
});

export const ChangeInterface = builder.interfaceRef<ChangeEntry>('Change').implement({
  description: 'One entry of the change log.',
  resolveType: (entry) => typeOfChange(entry),
  fields: (t) => ({
    cursor: t.field({
      type: 'Cursor',
      description: 'The position in the log. Pass it as `after` to continue from here.',
      resolve: async ({ change, cursor }, _args, ctx) =>
        cursor ?? formatCursor({ epoch: (await loadLog(ctx)).epoch, position: change.position }),
    }),
    at: t.field({
      type: 'DateTime',
      description: 'When the change happened.',
      resolve: ({ change }) => change.at,
    }),
    recordedAt: t.field({
      type: 'DateTime',
      description: 'When the change was recorded. The log is ordered by this time.',
      resolve: ({ change }) => change.recordedAt,
    }),
    customerId: t.id({
      description:
        'The id of the customer that the change was recorded for. A later merge does not alter it: to compute the state from changes, add them up by this id.',
      resolve: ({ change }) => formatGlobalId('Customer', change.customerId),
    }),
    customer: t.field({
      type: Customer,
      description:
        'The customer in its present state. After a merge, the surviving customer, whose id may differ from `customerId`.',
      resolve: ({ change }, _args, ctx) => survivorOf(ctx, change.customerId),
    }),
  }),
});

type ChangeRef = ReturnType<typeof builder.objectRef<ChangeEntry>>;

const types = new Map<ChangeKind, ChangeRef>();

/** Defines the type of one kind of change, which joins the unions of changes. Fields are added to the result. */
export function defineChange<K extends ChangeKind>(kind: K, name: string, description: string) {
  const ref = builder.objectRef<ChangeEntry<K>>(name);
  // While `K` is open, the compiler cannot tell that an entry of one kind is an entry.
  const type = ref as unknown as ChangeRef;
  type.implement({ description, interfaces: [ChangeInterface] });
  types.set(kind, type);
  ChangeKindType.updateConfig((config) => ({
    ...config,
    values: { ...config.values, [kind]: { value: kind, pothosOptions: {} } },
  }));
  return ref;
}

/** The types that the loaded domains define. */
export const changeTypes = (): ChangeRef[] => [...types.values()];

export function typeOfChange({ change }: ChangeEntry): string {
  const type = types.get(change.kind);
  if (!type) throw new Error(`No type is defined for changes of the kind ${change.kind}`);
  return type.name;
}
