import { Prisma } from '../../prisma/generated/client.ts';
import { always, beginning, type ClauseSql, holdsSql, nextChangeSql } from './clause.ts';
import { compareText } from './compare.ts';
import {
  compareMeasure,
  countSteps,
  isWithin,
  matchingEvents,
  measureSql,
  mostLookedUp,
  rollingSpan,
} from './event-clause.ts';
import type { DidCondition, IdentityCondition } from './filter.ts';
import type { FactColumn, Scope } from './scope.ts';
import { type Span, shifted } from './sql-time.ts';

/** A look-up per pair that several clauses share. */
interface Lookup {
  alias: string;
  make: () => Prisma.Sql;
}

/** The customers' traits and names a set of conditions asks for, besides facts. */
export interface Needs {
  columns: Set<FactColumn>;
  traits: Set<string>;
  names: boolean;
}

/**
 * Where the pairs `s` come from: `given` rows carry the facts as they were after one of several events of
 * a batch, and know no event that arrived later; `stored` ones are the customers as they are; `past` ones
 * were rebuilt for an instant gone by.
 */
export type PairSource = 'given' | 'stored' | 'past';

export interface PairScope extends Scope {
  needs: Needs;
  /** The look-ups that the clauses compiled so far refer to, to follow the relation `s`. */
  joins(): Prisma.Sql;
}

/**
 * Answers conditions for pairs of (customer, instant), the rows `s` (customer_id, at, arrival, facts): by
 * look-ups along the events of each pair's customer and those merged into it.
 */
export function createPairScope(options: {
  workspaceId: string;
  timeZone: string;
  source: PairSource;
}): PairScope {
  const { workspaceId, timeZone, source } = options;
  const at = Prisma.sql`s.at`;
  const needs: Needs = { columns: new Set(), traits: new Set(), names: false };
  const lookups = new Map<string, Lookup>();
  const depths = new Map<string, number>();
  let familyUsed = false;

  const seen =
    source === 'given'
      ? Prisma.sql`e.occurred_at <= s.at and e.arrival <= s.arrival`
      : Prisma.sql`e.occurred_at <= s.at`;

  function lookup(key: string, make: Lookup['make']): Prisma.Sql {
    const found = lookups.get(key) ?? { alias: `l${lookups.size}`, make };
    lookups.set(key, found);
    return Prisma.raw(found.alias);
  }

  const eventsOf = (member: Prisma.Sql, condition: DidCondition) => Prisma.sql`event e
    where e.workspace_id = ${workspaceId}::uuid and e.customer_id = ${member}
      and ${matchingEvents(condition, timeZone)} and ${seen}`;

  /** The time of the n-th latest matching event; all clauses about the same events share one look-up. */
  function nthLatest(condition: DidCondition, n: number): Prisma.Sql {
    familyUsed = true;
    const { event, kind, where, window } = condition;
    const key = JSON.stringify(['times', event, kind, where, window?.between]);
    depths.set(key, Math.max(depths.get(key) ?? 0, n));
    const alias = lookup(key, () => {
      const depth = depths.get(key) ?? n;
      return Prisma.sql`(select array(
        select near.occurred_at from unnest(f.ids) as member (id)
        cross join lateral (
          select e.occurred_at from ${eventsOf(Prisma.sql`member.id`, condition)}
          order by e.occurred_at desc limit ${depth}::int
        ) as near order by 1 desc limit ${depth}::int) as times)`;
    });
    return Prisma.sql`${alias}.times[${n}::int]`;
  }

  /** One measure over the matching events, and when the first of them leaves a window that moves. */
  function measured(condition: DidCondition, span: Span | undefined): Prisma.Sql {
    familyUsed = true;
    const occurred = Prisma.sql`e.occurred_at`;
    const leaves = span
      ? Prisma.sql`min(${shifted(occurred, span, timeZone)})`
      : Prisma.sql`null::timestamptz`;
    const within = span ? Prisma.sql`and ${isWithin(at, span, timeZone)}` : Prisma.empty;
    return lookup(
      JSON.stringify(condition),
      () => Prisma.sql`(select ${measureSql(condition)} as value, ${leaves} as leaves
        from ${eventsOf(Prisma.sql`any(f.ids)`, condition)} ${within})`,
    );
  }

  function didCount(condition: DidCondition, span: Span | undefined): ClauseSql | undefined {
    const comparison = condition.measure ? condition.measure.count : { atLeast: 1 };
    if (!comparison) return undefined;
    const { from, below, negated } = countSteps(comparison);
    if (Math.max(from, below ?? 0) > mostLookedUp) return undefined;
    const end = (n: number) => {
      if (n <= 0) return always;
      const time = nthLatest(condition, n);
      if (!span) return Prisma.sql`case when ${time} is not null then ${always} end`;
      return shifted(time, span, timeZone);
    };
    const until = end(from);
    const since =
      below === undefined ? beginning : Prisma.sql`coalesce(${end(below)}, ${beginning})`;
    const isFixed = !span || (from <= 0 && below === undefined);
    const clause: ClauseSql = { since, until };
    const counted = isFixed ? { steady: holdsSql(clause, at) } : clause;
    return negated ? { not: counted } : counted;
  }

  function did(condition: DidCondition): ClauseSql {
    const span = rollingSpan(condition, timeZone);
    const counted = didCount(condition, span);
    if (counted) return counted;
    const alias = measured(condition, span);
    const clause = compareMeasure(Prisma.sql`${alias}.value`, condition, timeZone);
    if (!span) return clause;
    return {
      holds: holdsSql(clause, at),
      askAgain: Prisma.sql`least(${alias}.leaves, ${nextChangeSql(clause, at)})`,
    };
  }

  function identity({ kind, value }: IdentityCondition): ClauseSql {
    needs.names = true;
    const meets = value ? Prisma.sql`and ${compareText(Prisma.sql`i.value`, value)}` : Prisma.empty;
    if (source === 'given') {
      return {
        steady: Prisma.sql`exists (
          select from jsonb_to_recordset(s.names) as i (kind text, value text)
          where i.kind = ${kind}::text ${meets})`,
      };
    }
    familyUsed = true;
    const then = source === 'past' ? Prisma.sql`and i.since <= s.at` : Prisma.empty;
    return {
      steady: Prisma.sql`exists (
        select from identity i where i.workspace_id = ${workspaceId}::uuid
          and i.customer_id = any(f.ids) and i.kind = ${kind}::text ${then} ${meets})`,
    };
  }

  const family = Prisma.sql`cross join lateral (
    select array(select m.id from customer m
      where m.workspace_id = ${workspaceId}::uuid and m.merged_into = s.customer_id)
      || s.customer_id as ids) as f`;

  return {
    timeZone,
    at,
    needs,
    column(name) {
      needs.columns.add(name);
      return Prisma.raw(`s.${name}`);
    },
    trait(name) {
      needs.traits.add(name);
      return Prisma.sql`(s.traits -> ${name}::text)`;
    },
    did,
    identity,
    listed: (segmentIds) => ({
      steady: Prisma.sql`exists (
        select from segment_member l where l.workspace_id = ${workspaceId}::uuid
          and l.segment_id = any(${segmentIds}::uuid[]) and l.customer_id = s.customer_id)`,
    }),
    place: () => {
      throw new Error('Places are looked up where they are kept, not in SQL');
    },
    joins() {
      const made = [...lookups.values()].map(
        ({ alias, make }) => Prisma.sql`cross join lateral ${make()} as ${Prisma.raw(alias)}`,
      );
      return Prisma.join([familyUsed ? family : Prisma.empty, ...made], ' ');
    },
  };
}
