import type { Sql } from '../../platform/sql.ts';

declare module '../extensions.ts' {
  interface Extension {
    facts?: readonly Fact[];
  }
}

/** What is known of every customer, so that rules are cheap. Declared once; everything else follows (decision 0033). */
export type Fact = StoredFact | DerivedFact;

interface DeclaredFact {
  /** In camel case, as filters call it. */
  name: string;
  /** Of the filter's input. */
  description: string;
}

/**
 * A fact in a column of `customer`, folded from the customer's events. The result must not depend on the
 * order of the events, which may arrive late: sums, counts, minima, maxima and sets.
 * Decision 0033.
 */
export interface StoredFact extends DeclaredFact {
  column: string;
  fold: Fold;
  /** The effects of the events that are folded; all events count if absent. */
  effects?: readonly string[];
  /** Filters cannot ask for it. */
  isInternal?: true;
  /** Money that a column of the same name in `customer_foreign_revenue` keeps for each foreign currency. */
  isKeptByCurrency?: true;
}

/** A fact that is computed from columns of `customer` whenever it is needed. */
export interface DerivedFact extends DeclaredFact {
  type: 'number' | 'boolean';
  columns: readonly string[];
  sql(column: (name: string) => Sql): Sql;
  /** Of a number: without events it has no value, rather than being 0. */
  isNullable?: true;
  /** Of a boolean: it is false where all of these columns are null. */
  falseWithout?: readonly string[];
}

export type FactValue = number | bigint | Date | null;

export const instantOf = (value: FactValue | undefined): Date | null =>
  value instanceof Date ? value : null;

/** The values of a customer's stored facts, by column. */
export type Facts = Record<string, FactValue>;

/** How events become the value of a fact: one by one in memory, and all together in SQL. */
export interface Fold<Value extends FactValue = FactValue> {
  type: 'integer' | 'bigint' | 'timestamptz';
  initial: Value;
  add(value: Value, event: FoldedEvent): Value;
  /** The same as an aggregate of rows `e` of `event` with their `survivor_id`. */
  sql(events: FoldSql): Sql;
  /** A number of events, so that it can be said how many are missing. */
  isCount?: true;
  /** Set if days are counted: the columns with the first and last of the events. */
  days?: { first: string; last: string };
}

/** One more event, and what is known of those before it. */
export interface FoldedEvent {
  at: Date;
  /** The day in the workspace's time zone. */
  day: string;
  dayOf(at: Date): string;
  /** In the workspace's currency; 0 in any other one. */
  amount: bigint;
  /** The facts before the event. */
  before: Facts;
  /** Those of the fact's days that the event may be on. */
  days: ReadonlySet<string>;
  /** The views (ms) that the event may adjoin. */
  views: readonly number[];
}

export interface FoldSql {
  /** Which of the rows count. */
  which: Sql;
  /** Empty, or the window for a value after each event. */
  over: Sql;
  /** The event's day, and whether its amount is in the workspace's currency. */
  day: Sql;
  isOwn: Sql;
  /** Computes something for each row `e` before the rows are aggregated. */
  mark(sql: Sql): Sql;
}
