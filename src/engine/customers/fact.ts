import type { Sql } from '../../platform/sql.ts';

declare module '../extensions.ts' {
  interface Extension {
    facts?: readonly Fact[];
  }
}

/** A value that is stored for every customer, so that rules are cheap. Declared once. Decision 0033. */
export type Fact = StoredFact | DerivedFact;

interface DeclaredFact {
  /** In camel case, as in filters. */
  name: string;
  /** The description of the filter's input. */
  description: string;
}

/**
 * A fact in a column of `customer`, folded from the customer's events. The result must not depend on the order of the
 * events, which may arrive late: sums, counts, minima, maxima and sets. Decision 0033.
 */
export interface StoredFact extends DeclaredFact {
  column: string;
  fold: Fold;
  /** The effects of the events that are folded; all events of the customer's own if absent. */
  effects?: readonly string[];
  /** Not available in filters. */
  isInternal?: true;
  /**
   * `OWN`: only events in the workspace's currency are folded. `EACH`: in addition, those in each foreign currency are
   * folded into the same column of `customer_foreign_revenue`. Absent: events in all currencies and without one.
   */
  currency?: 'OWN' | 'EACH';
}

/** A fact that is computed from columns of `customer` on read. */
export interface DerivedFact extends DeclaredFact {
  type: 'number' | 'boolean';
  columns: readonly string[];
  sql(column: (name: string) => Sql): Sql;
  /** For a number: it is null without events, not 0. */
  isNullable?: true;
  /** For a boolean: it is false if all of these columns are null. */
  falseWithout?: readonly string[];
}

export type FactValue = number | bigint | Date | null;

export const instantOf = (value: FactValue | undefined): Date | null =>
  value instanceof Date ? value : null;

/** The values of a customer's stored facts, by column. */
export type Facts = Record<string, FactValue>;

/** How a value is computed from events: one by one in memory, and as an aggregate in SQL. */
export interface Fold<Value extends FactValue = FactValue> {
  type: 'integer' | 'bigint' | 'timestamptz';
  initial: Value;
  add(value: Value, event: FoldedEvent): Value;
  /** The same as an aggregate of rows `e` of `event` with their `survivor_id`. */
  sql(events: FoldSql): Sql;
  /** The value is a number of events, so that an explanation can give the missing number. */
  isCount?: true;
  /** Set if the value is a number of days: the columns with the first and the last of the events. */
  days?: { first: string; last: string };
}

/** The next event, and the state before it. */
export interface FoldedEvent {
  at: Date;
  /** The day in the workspace's time zone. */
  day: string;
  dayOf(at: Date): string;
  /** In minor units of its currency; 0 without an amount. */
  amount: bigint;
  /** The facts before the event. */
  before: Facts;
  /** The stored days of the fact that may include the event's day. */
  days: ReadonlySet<string>;
  /** The views (ms) that may share a session with the event. */
  views: readonly number[];
}

export interface FoldSql {
  /** The rows that are folded together have the same values of these columns. */
  owner: Sql;
  /** The condition for the rows that count. */
  which: Sql;
  /** Empty for one value, or a window for a value after each event. */
  over: Sql;
  /** The day of the event in the workspace's time zone. */
  day: Sql;
  /** Computes something for each row `e` before the rows are aggregated. */
  mark(sql: Sql): Sql;
}
