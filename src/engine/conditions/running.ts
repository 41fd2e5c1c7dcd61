import { Prisma } from '../../../prisma/generated/client.ts';
import { sessionPause } from '../customers/sessions.ts';
import { type HappeningSource, names } from './happenings.ts';
import { InvalidFilter } from './invalid-filter.ts';
import type { FactColumn } from './scope.ts';

/**
 * Columns that are carried along each customer's happenings `e` in the order of time: what was known after
 * each of them. One pass over the events yields them for every instant, however many instants there are.
 */
export interface Running {
  /** What has to be among the happenings besides events. */
  sources: Set<HappeningSource>;
  fact(name: FactColumn): Prisma.Sql;
  trait(name: string): Prisma.Sql;
  /** A window function over the happenings up to each of them, as a column of the rows `s`. */
  column(key: string, folded: Prisma.Sql): Prisma.Sql;
  /** What is worked out of each happening before the columns are, for them to refer to. */
  mark(key: string, sql: Prisma.Sql): Prisma.Sql;
  /** All of these, as "…, name" pairs to select. */
  marks(): Prisma.Sql;
  columns(): Prisma.Sql;
  /** The columns by their names alone, of the rows `s`. */
  names(): Prisma.Sql;
}

/** PostgreSQL lets a select list have 1,664 entries. */
const maxColumns = 1_600;

/** Everything of the same customer up to the happening; to follow a window function. */
export const soFar = Prisma.sql`over (partition by e.survivor_id order by e.occurred_at, e.arrival nulls first)`;
export const isEvent = Prisma.sql`e.kind is not null`;

/** @throws InvalidFilter from whatever adds one column too many */
export function createRunning(options: { workspaceId: string; timeZone: string }): Running {
  const marks = new Map<string, { name: string; sql: Prisma.Sql }>();
  const columns = new Map<string, { name: string; sql: Prisma.Sql }>();
  const sources = new Set<HappeningSource>();

  const keep = (kept: typeof marks, prefix: string, key: string, sql: Prisma.Sql) => {
    if (!kept.has(key) && kept.size === maxColumns) {
      throw new InvalidFilter('where', `has more than ${maxColumns} different conditions`);
    }
    const found = kept.get(key) ?? { name: `${prefix}${kept.size}`, sql };
    kept.set(key, found);
    return found.name;
  };
  const column = (key: string, sql: Prisma.Sql) => Prisma.raw(`s.${keep(columns, 'r', key, sql)}`);
  const mark = (key: string, sql: Prisma.Sql) => Prisma.raw(`e.${keep(marks, 'm', key, sql)}`);

  /** The latest telling: of texts that begin with their place in the order of time the greatest is the last. */
  function trait(name: string): Prisma.Sql {
    const place = mark('place', Prisma.sql`row_number() ${soFar}`);
    return column(
      `trait ${name}`,
      Prisma.sql`nullif(substr(
        max((lpad(${place}::text, 10, '0') || (e.properties -> ${name}::text)::text) collate "C")
          filter (where e.kind = 'identify' and jsonb_exists(e.properties, ${name}::text)) ${soFar},
        11)::jsonb, 'null'::jsonb)`,
    );
  }

  function name(kind: 'user_id' | 'email'): Prisma.Sql {
    sources.add(names);
    const least = Prisma.sql`min(e.value) filter (where e.called = ${kind}::text) ${soFar}`;
    return column(`name ${kind}`, least);
  }

  function fact(fact: FactColumn): Prisma.Sql {
    if (fact === 'user_id') return name(fact);
    if (fact === 'first_day_value') throw new Error('No condition of the past asks for it');
    if (fact === 'email') {
      const told = trait('email');
      return Prisma.sql`coalesce(${name(fact)},
        nullif(case when jsonb_typeof(${told}) = 'string' then ${told} #>> '{}' end, ''))`;
    }
    return column(fact, factSql(fact, { ...options, mark }));
  }

  const list = (kept: typeof marks) =>
    [...kept.values()].map(({ name, sql }) => Prisma.sql`, ${sql} as ${Prisma.raw(name)}`);
  return {
    sources,
    fact,
    trait,
    column,
    mark,
    marks: () => concat(list(marks)),
    columns: () => concat(list(columns)),
    names: () => concat([...columns.values()].map(({ name }) => Prisma.raw(`, s.${name}`))),
  };
}

const concat = (parts: Prisma.Sql[]) => Prisma.join([Prisma.empty, ...parts], '');

interface Marking {
  workspaceId: string;
  timeZone: string;
  mark(key: string, sql: Prisma.Sql): Prisma.Sql;
}

/** As `aggregateFacts` has them, of the events so far. */
function factSql(
  fact: Exclude<FactColumn, 'user_id' | 'email' | 'first_day_value'>,
  { workspaceId, timeZone, mark }: Marking,
): Prisma.Sql {
  const day = Prisma.sql`(e.occurred_at at time zone ${timeZone}::text)::date`;
  const isOwn = Prisma.sql`e.currency = (select currency from workspace where id = ${workspaceId}::uuid)`;
  const of = (effect: string) => Prisma.sql`filter (where e.effect = ${effect}::text) ${soFar}`;
  const worth = (effect: string) => Prisma.sql`coalesce(sum(e.amount)
    filter (where e.effect = ${effect}::text and ${isOwn}) ${soFar}, 0)::bigint`;
  /** The first of its day among those that are alike. */
  const opensDay = (alike: string) => Prisma.sql`row_number() over (
    partition by e.survivor_id, ${Prisma.raw(alike)}, ${day} order by e.occurred_at) = 1`;
  switch (fact) {
    case 'first_seen_at':
      return Prisma.sql`min(e.occurred_at) filter (where ${isEvent}) ${soFar}`;
    case 'last_seen_at':
      return Prisma.sql`max(e.occurred_at) filter (where ${isEvent}) ${soFar}`;
    case 'events':
      return Prisma.sql`count(*) filter (where ${isEvent}) ${soFar}`;
    case 'active_days': {
      const opens = mark('day', opensDay('(e.kind is not null)'));
      return Prisma.sql`count(*) filter (where ${isEvent} and ${opens}) ${soFar}`;
    }
    case 'order_days': {
      const opens = mark('order day', opensDay('e.effect'));
      return Prisma.sql`count(*) filter (where e.effect = 'order' and ${opens}) ${soFar}`;
    }
    case 'sessions': {
      const begins = mark(
        'session',
        Prisma.sql`coalesce(e.occurred_at - lag(e.occurred_at)
          over (partition by e.survivor_id, e.effect order by e.occurred_at)
            > make_interval(secs => ${sessionPause / 1000}::float8), true)`,
      );
      return Prisma.sql`count(*) filter (where e.effect = 'view' and ${begins}) ${soFar}`;
    }
    case 'lead_at':
      return Prisma.sql`min(e.occurred_at) filter (where e.effect in ('lead', 'sign_up')) ${soFar}`;
    case 'signed_up_at':
      return Prisma.sql`min(e.occurred_at) ${of('sign_up')}`;
    case 'orders':
      return Prisma.sql`count(*) ${of('order')}`;
    case 'first_order_at':
      return Prisma.sql`min(e.occurred_at) ${of('order')}`;
    case 'last_order_at':
      return Prisma.sql`max(e.occurred_at) ${of('order')}`;
    case 'gross_revenue':
      return worth('order');
    case 'refunded':
      return worth('refund');
    case 'subscription_renewals':
      return Prisma.sql`count(*) ${of('subscription_renewed')}`;
    case 'subscription_started_at':
    case 'subscription_renewed_at':
    case 'subscription_cancelled_at':
      return Prisma.sql`max(e.occurred_at) ${of(fact.slice(0, -'_at'.length))}`;
  }
}
