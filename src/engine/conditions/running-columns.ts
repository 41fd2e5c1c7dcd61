import { emptySql, joinSql, rawSql, type Sql, sql } from '../../platform/sql.ts';
import { storedFacts } from '../customers/fact-table.ts';
import { foldSql } from '../customers/fold-sql.ts';
import { type HistorySource, selectIdentityHistory } from './history-sources.ts';
import { InvalidFilter } from './invalid-filter.ts';

/**
 * Columns that are computed over each customer's history `e` in the order of time: their values after each entry. One
 * pass over the events yields them for every instant, whatever the number of instants.
 */
export interface RunningColumns {
  /** The sources that the history must include besides events. */
  sources: Set<HistorySource>;
  fact(column: string): Sql;
  trait(name: string): Sql;
  /** Adds a window function over the history up to each entry, as a column of the rows `s`. */
  column(key: string, folded: Sql): Sql;
  /** Adds a value that is computed for each entry before the columns, which may refer to it. */
  mark(key: string, value: Sql): Sql;
  /** All of these, as "…, name" pairs to select. */
  marks(): Sql;
  columns(): Sql;
  /** The columns by their names alone, of the rows `s`. */
  names(): Sql;
}

/** PostgreSQL lets a select list have 1,664 entries. */
const maxColumns = 1_600;

/** The entries that are folded together: of one customer, as it is known in one of its epochs. */
export const historyOwner = sql`e.survivor_id, e.since`;
/** The entries of the same customer and epoch up to this one; to follow a window function. */
export const runningWindow = sql`over (partition by ${historyOwner} order by e.occurred_at, e.arrival nulls first)`;
export const isEvent = sql`e.kind is not null`;

/** @throws InvalidFilter from the method that exceeds the maximum of columns */
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

  /** The latest value: the maximum of strings that start with their row number is the last one. */
  function trait(name: string): Sql {
    const rowNumber = mark('row number', sql`row_number() ${runningWindow}`);
    return column(
      `trait ${name}`,
      sql`nullif(substr(
        max((lpad(${rowNumber}::text, 10, '0') || (e.properties -> ${name}::text)::text) collate "C")
          filter (where e.kind = 'identify' and jsonb_exists(e.properties, ${name}::text)) ${runningWindow},
        11)::jsonb, 'null'::jsonb)`,
    );
  }

  function name(kind: 'user_id' | 'email'): Sql {
    sources.add(selectIdentityHistory);
    const least = sql`min(e.identity_value) filter (where e.identity_kind = ${kind}::text) ${runningWindow}`;
    return column(`name ${kind}`, least);
  }

  function fact(of: string): Sql {
    if (of === 'user_id') return name(of);
    if (of === 'email') {
      const email = trait('email');
      return sql`case when ${column(
        'states email',
        sql`bool_or(jsonb_exists(e.properties, 'email'))
          filter (where e.kind = 'identify') ${runningWindow}`,
      )}
        then nullif(case when jsonb_typeof(${email}) = 'string' then ${email} #>> '{}' end, '')
        else ${name(of)} end`;
    }
    const stored = storedFacts().get(of);
    if (!stored) throw new Error(`No fact is stored in the column "${of}".`);
    return column(
      of,
      foldSql(stored, { ...options, owner: historyOwner, over: runningWindow, mark }),
    );
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
