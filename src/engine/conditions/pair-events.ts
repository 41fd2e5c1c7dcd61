import { emptySql, type Sql, sql } from '../../platform/sql.ts';
import { always, type ClauseSql, holdsSql, nextChangeSql } from './clause.ts';
import {
  compareMeasure,
  countClause,
  countSteps,
  isMetByNone,
  isWithin,
  matchingEvents,
  maxLookedUp,
  measureSql,
  rollingSpan,
} from './event-clause.ts';
import type { DidCondition } from './filter.ts';
import type { PairLookups, PairSource } from './pair-lookups.ts';
import { type Span, shifted } from './sql-time.ts';

interface PairEventsOptions {
  workspaceId: string;
  timeZone: string;
  source: PairSource;
  lookups: PairLookups;
  /** The names of events that the pairs have to be supplied with. */
  eventNames: Set<string>;
}

/** Answers conditions on the events of each pair's customer, by look-ups that equal conditions share. */
export function createPairEvents(options: PairEventsOptions) {
  const { workspaceId, timeZone, source, lookups, eventNames } = options;
  const { lookup } = lookups;
  const at = sql`s.at`;
  const depths = new Map<string, number>();

  const seen =
    source === 'given'
      ? sql`e.occurred_at <= s.at and e.arrival <= s.arrival`
      : sql`e.occurred_at <= s.at`;

  /** False where the stored event names exclude all of the events: there is nothing to look up then. */
  const mayHaveDone = (condition: DidCondition): Sql =>
    isKept(condition)
      ? sql`(s.event_names is null or s.event_names && ${condition.event}::text[])`
      : sql`true`;
  const isKept = ({ kind = 'TRACK' }: DidCondition) => kind === 'TRACK' && source !== 'past';

  /**
   * The matching events of a pair's customer: one index range per member of its family, which "offset 0"
   * keeps the planner from turning round as long as it has no statistics.
   */
  const theirs = (condition: DidCondition, span?: Span) => sql`
    unnest(f.ids) as member (id)
    cross join lateral (
      select e.occurred_at, e.properties from event e
      where e.workspace_id = ${workspaceId}::uuid and e.customer_id = member.id
        and ${mayHaveDone(condition)} and ${matchingEvents(condition, timeZone)} and ${seen}
        ${span ? sql`and ${isWithin(at, span, timeZone)}` : emptySql} offset 0
    ) as e`;

  /** The time of the n-th latest matching event; all clauses about the same events share one look-up. */
  function nthLatest(condition: DidCondition, n: number): Sql {
    const { event, kind, where, window } = condition;
    const key = JSON.stringify(['times', event, kind, where, window?.between]);
    depths.set(key, Math.max(depths.get(key) ?? 0, n));
    const alias = lookup(key, () => {
      const depth = depths.get(key) ?? n;
      const latest = (member: Sql) => sql`
        select e.occurred_at from event e
        where e.workspace_id = ${workspaceId}::uuid and e.customer_id = ${member}
          and ${matchingEvents(condition, timeZone)} and ${seen}
        order by e.occurred_at desc limit ${depth}::int`;
      // Few customers include merged ones; for all others the index range is in order already.
      return sql`select case when not ${mayHaveDone(condition)} then null
        when cardinality(f.ids) = 1
        then array(${latest(sql`s.customer_id`)})
        else array(
          select e.occurred_at from unnest(f.ids) as member (id)
          cross join lateral (${latest(sql`member.id`)}) as e
          order by 1 desc limit ${depth}::int) end as times`;
    });
    return sql`${alias}.times[${n}::int]`;
  }

  /**
   * When the n-th last of the matching events leaves the window. By the calendar a later event may leave
   * sooner: a month after the 30th of January at noon is the 29th of February at noon, and a month after
   * the 31st at nine is the same day at nine. So all are looked at that could be overtaken by the n-th latest.
   */
  function nthToLeave(condition: DidCondition, n: number, span: Span): Sql {
    const nth = nthLatest(condition, n);
    if (span.calendar === null) return shifted(nth, span, timeZone);
    const { event, kind, where, window } = condition;
    const alias = lookup(
      JSON.stringify(['leaves', event, kind, where, window, n]),
      () => sql`select array(
        select ${shifted(sql`e.occurred_at`, span, timeZone)} from ${theirs(condition)}
        where e.occurred_at >= coalesce(${nth}, '-infinity') - '4 days'::interval
        order by 1 desc limit ${n}::int) as times`,
    );
    return sql`${alias}.times[${n}::int]`;
  }

  /** A measure over the matching events, whatever their age. */
  function measured(condition: DidCondition): Sql {
    return lookup(
      JSON.stringify(condition),
      () => sql`select ${measureSql(condition)} as value
        from ${theirs(condition)}`,
    );
  }

  /**
   * A measure over a moving window: whether it meets its comparison now, and the first instant at
   * which, with the events that will have left the window by then, it does otherwise.
   */
  function measuredWithin(condition: DidCondition, span: Span): ClauseSql {
    const left = sql`over (order by w.leaves desc range unbounded preceding exclude group)`;
    const isMet = (over: Sql) =>
      holdsSql(compareMeasure(measureSql(condition, over), condition, timeZone), at);
    const alias = lookup(
      JSON.stringify(condition),
      () => sql`
        select coalesce(bool_and(m.now), ${isMetByNone(condition)}::boolean) as holds,
          min(m.leaves) filter (where m.later <> m.now) as changes
        from (
          select w.leaves, ${isMet(sql`over ()`)} as now, ${isMet(left)} as later
          from (
            select e.occurred_at, e.properties,
              ${shifted(sql`e.occurred_at`, span, timeZone)} as leaves
            from ${theirs(condition, span)}
          ) as e
          cross join lateral (select e.leaves) as w
        ) as m`,
    );
    return {
      holds: sql`${alias}.holds`,
      expires: sql`coalesce(${alias}.changes, ${always})`,
    };
  }

  /** The same where each event that leaves may change the answer, or its age alone does. */
  function repeatedWithin(condition: DidCondition, span: Span): ClauseSql {
    lookups.needFamily();
    const alias = lookup(
      JSON.stringify(condition),
      () => sql`select ${measureSql(condition)} as value,
          min(${shifted(sql`e.occurred_at`, span, timeZone)}) as leaves
        from ${theirs(condition, span)}`,
    );
    const clause = compareMeasure(sql`${alias}.value`, condition, timeZone);
    return {
      holds: holdsSql(clause, at),
      expires: sql`coalesce(least(${alias}.leaves, ${nextChangeSql(clause, at)}), ${always})`,
    };
  }

  function didCount(condition: DidCondition, span: Span | undefined): ClauseSql | undefined {
    const comparison = condition.measure ? condition.measure.count : { atLeast: 1 };
    if (!comparison) return undefined;
    const steps = countSteps(comparison);
    const { from, below } = steps;
    if (Math.max(from, below ?? 0) > maxLookedUp) return undefined;
    const end = (n: number) => {
      if (n <= 0) return always;
      if (span) return nthToLeave(condition, n, span);
      return sql`case when ${nthLatest(condition, n)} is not null then ${always} end`;
    };
    const clause = countClause(steps, end);
    const isFixed = !span || (from <= 0 && below === undefined);
    return isFixed ? { steady: holdsSql(clause, at) } : clause;
  }

  function did(condition: DidCondition): ClauseSql {
    lookups.needFamily();
    // Noted before the look-ups are made: the pairs have to be supplied with them.
    if (isKept(condition)) for (const name of condition.event) eventNames.add(name);
    const span = rollingSpan(condition, timeZone);
    const counted = didCount(condition, span);
    if (counted) return counted;
    if (!span) {
      const alias = measured(condition);
      return compareMeasure(sql`${alias}.value`, condition, timeZone);
    }
    const { sum, min, max, count } = condition.measure ?? {};
    return sum || min || max || count
      ? measuredWithin(condition, span)
      : repeatedWithin(condition, span);
  }

  function events(where: Sql): Sql {
    lookups.needFamily();
    return sql`
      unnest(f.ids) as member (id)
      cross join lateral (
        select e.* from event e
        where e.workspace_id = ${workspaceId}::uuid and e.customer_id = member.id
          and ${where} and ${seen} offset 0) as e`;
  }

  return { did, repeatedWithin, events };
}
