import { emptySql, joinSql, rawSql, type Sql, sql } from '../../platform/sql.ts';
import { storedFacts } from '../customers/fact-table.ts';
import { foldSql } from '../customers/fold-sql.ts';
import { type HistorySource, selectIdentityHistory } from './history-sources.ts';
import { InvalidFilter } from './invalid-filter.ts';

/**
 * Columns that are carried along each customer's happenings `e` in the order of time: what was known after
 * each of them. One pass over the events yields them for every instant, however many instants there are.
 */
export interface RunningColumns {
  /** What has to be among the happenings besides events. */
  sources: Set<HistorySource>;
  fact(column: string): Sql;
  trait(name: string): Sql;
  /** A window function over the happenings up to each of them, as a column of the rows `s`. */
  column(key: string, folded: Sql): Sql;
  /** What is worked out of each happening before the columns are, for them to refer to. */
  mark(key: string, value: Sql): Sql;
  /** All of these, as "…, name" pairs to select. */
  marks(): Sql;
  columns(): Sql;
  /** The columns by their names alone, of the rows `s`. */
  names(): Sql;
}

/** PostgreSQL lets a select list have 1,664 entries. */
const maxColumns = 1_600;

/** Everything of the same customer up to the happening; to follow a window function. */
export const runningWindow = sql`over (partition by e.survivor_id order by e.occurred_at, e.arrival nulls first)`;
export const isEvent = sql`e.kind is not null`;

/** @throws InvalidFilter from whatever adds one column too many */
export function createRunningColumns(options: {
  workspaceId: string;
  timeZone: string;
}): RunningColumns {
  const marks = new Map<string, { name: string; value: Sql }>();
  const columns = new Map<string, { name: string; value: Sql }>();
  const sources = new Set<HistorySource>();

  const keep = (kept: typeof marks, prefix: string, key: string, value: Sql) => {
    if (!kept.has(key) && kept.size === maxColumns) {
      throw new InvalidFilter('where', `has more than ${maxColumns} different conditions`);
    }
    const found = kept.get(key) ?? { name: `${prefix}${kept.size}`, value };
    kept.set(key, found);
    return found.name;
  };
  const column = (key: string, value: Sql) => rawSql(`s.${keep(columns, 'r', key, value)}`);
  const mark = (key: string, value: Sql) => rawSql(`e.${keep(marks, 'm', key, value)}`);

  /** The latest telling: of texts that begin with their place in the order of time the greatest is the last. */
  function trait(name: string): Sql {
    const place = mark('place', sql`row_number() ${runningWindow}`);
    return column(
      `trait ${name}`,
      sql`nullif(substr(
        max((lpad(${place}::text, 10, '0') || (e.properties -> ${name}::text)::text) collate "C")
          filter (where e.kind = 'identify' and jsonb_exists(e.properties, ${name}::text)) ${runningWindow},
        11)::jsonb, 'null'::jsonb)`,
    );
  }

  function name(kind: 'user_id' | 'email'): Sql {
    sources.add(selectIdentityHistory);
    const least = sql`min(e.value) filter (where e.called = ${kind}::text) ${runningWindow}`;
    return column(`name ${kind}`, least);
  }

  function fact(of: string): Sql {
    if (of === 'user_id') return name(of);
    if (of === 'email') {
      const email = trait('email');
      return sql`coalesce(${name(of)},
        nullif(case when jsonb_typeof(${email}) = 'string' then ${email} #>> '{}' end, ''))`;
    }
    const stored = storedFacts().get(of);
    if (!stored) throw new Error(`No fact is stored in the column "${of}".`);
    return column(of, foldSql(stored, { ...options, over: runningWindow, mark }));
  }

  const list = (kept: typeof marks) =>
    [...kept.values()].map(({ name, value }) => sql`, ${value} as ${rawSql(name)}`);
  return {
    sources,
    fact,
    trait,
    column,
    mark,
    marks: () => concat(list(marks)),
    columns: () => concat(list(columns)),
    names: () => concat([...columns.values()].map(({ name }) => rawSql(`, s.${name}`))),
  };
}

const concat = (parts: Sql[]) => joinSql([emptySql, ...parts], '');
