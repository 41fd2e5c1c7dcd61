import { rawSql, type Sql, sql } from '../../platform/sql.ts';
import type { Needs } from '../conditions/pair-scope.ts';
import { customerColumns, readColumn } from '../customers/customer-row.ts';
import type { Name } from '../customers/names.ts';
import type { CustomerState } from '../customers/state.ts';

/** The data of a customer that the rules need, after one of several events. */
export interface Snapshot {
  /** The arrival number of the last event included. */
  arrival: string | null;
  values: SnapshotValues;
}

/** Only the data that the rules need. */
interface SnapshotValues {
  [column: string]: unknown;
  traits?: Record<string, unknown>;
  names?: Name[];
  /** Null if there are too many to store. */
  event_names?: string[] | null;
}

/** Copies the data that the rules need from the current state of a customer. */
export function snapshotOf(state: CustomerState, needs: Needs): Snapshot['values'] {
  const values: SnapshotValues = {};
  for (const column of needs.columns) values[column] = readColumn(state, column);
  if (needs.traits.size > 0) {
    const present = [...needs.traits].filter((name) => Object.hasOwn(state.traits, name));
    values.traits = Object.fromEntries(present.map((name) => [name, state.traits[name]]));
  }
  if (needs.eventNames.size > 0) {
    const { eventNames } = state;
    values.event_names = eventNames && [...needs.eventNames].filter((name) => eventNames.has(name));
  }
  if (needs.names) values.names = state.names.map(({ kind, value }) => ({ kind, value }));
  return values;
}

const namesOf = (needs: Needs): Array<keyof SnapshotValues> => [
  ...needs.columns,
  ...(needs.traits.size > 0 ? (['traits'] as const) : []),
  ...(needs.eventNames.size > 0 ? (['event_names'] as const) : []),
  ...(needs.names ? (['names'] as const) : []),
];

/** One pair per row, as one JSON parameter: cheaper to write and parse than an array parameter for each column. */
export function givenPairs(
  pairs: ReadonlyArray<{ customerId: string; at: number; snapshot: Snapshot }>,
  needs: Needs,
): Sql {
  const names = namesOf(needs);
  const rows = pairs.map(({ customerId, at, snapshot }, index) => {
    const row: Record<string, unknown> = {
      ordinal: index + 1,
      customer_id: customerId,
      at: new Date(at),
      arrival: snapshot.arrival ?? '9223372036854775807',
    };
    for (const name of names) row[name] = snapshot.values[name];
    return row;
  });
  const columns = [...needs.columns].map((name) => `, ${name} ${customerColumns()[name]}`).join('');
  return sql`jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as s (ordinal integer,
    customer_id uuid, at timestamptz, arrival bigint, traits jsonb, names jsonb, event_names text[]${rawSql(columns)})`;
}
