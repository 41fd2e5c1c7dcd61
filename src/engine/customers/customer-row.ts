import { perInstallation } from '../extensions.ts';
import { newDays, readFact, storedFacts, writeFact } from './fact-table.ts';
import { type CustomerState, displayName, plainRecord } from './state.ts';

const profileColumns = {
  user_id: 'text',
  email: 'text',
  name: 'text',
  traits: 'jsonb',
  traits_at: 'jsonb',
  evaluated_at: 'timestamptz',
  due_at: 'timestamptz',
  due_cause: 'text',
  event_names: 'text[]',
};

/** The columns of `customer` that events change, with their SQL types. */
export const customerColumns = perInstallation((): Readonly<Record<string, string>> => {
  const facts = [...storedFacts().values()].map(({ column, fold }) => [column, fold.type]);
  return { ...profileColumns, ...Object.fromEntries(facts) };
});

/** A row of `customer`; each stored fact has a further column. */
export interface CustomerRow extends Record<string, unknown> {
  id: string;
  user_id: string | null;
  email: string | null;
  traits: Record<string, unknown>;
  traits_at: Record<string, number>;
  evaluated_at: Date;
  due_at: Date | null;
  due_cause: 'DEFINITION' | null;
  event_names: string[] | null;
}

export const toState = (row: CustomerRow): CustomerState => ({
  id: row.id,
  isNew: false,
  userId: row.user_id,
  email: row.email,
  traits: plainRecord(row.traits),
  traitsAt: plainRecord(row.traits_at),
  facts: Object.fromEntries(
    [...storedFacts().values()].map((fact) => [fact.column, readFact(fact, row[fact.column])]),
  ),
  evaluatedAt: row.evaluated_at,
  dueAt: row.due_at,
  dueCause: row.due_cause,
  names: [],
  eventNames: row.event_names && new Set(row.event_names),
  days: newDays(),
  views: [],
  foreign: new Map(),
});

/** The row as JSON for `jsonb_to_recordset`. */
export function toRow(state: CustomerState): Record<string, unknown> {
  const row: Record<string, unknown> = {
    id: state.id,
    user_id: state.userId,
    email: state.email,
    name: displayName(state.traits),
    traits: state.traits,
    traits_at: state.traitsAt,
    evaluated_at: state.evaluatedAt,
    due_at: state.dueAt,
    event_names: state.eventNames && [...state.eventNames],
  };
  for (const column of storedFacts().keys()) row[column] = writeFact(state.facts[column]);
  return row;
}

/** The value of a column that conditions use: a fact, or a name from which `identified` is derived. */
export function readColumn({ userId, email, facts }: CustomerState, column: string): unknown {
  if (column === 'user_id') return userId;
  return column === 'email' ? email : writeFact(facts[column]);
}
