import { emptySql, type Sql, sql } from '../../platform/sql.ts';
import { type ClauseSql, endOfTime, holdsSql, nextChangeSql } from './clause.ts';
import {
  compareMeasure,
  countClause,
  countsAt,
  countThresholds,
  isInWindow,
  matchesNoEvents,
  matchingEvents,
  maxEventLookups,
  measureSql,
  rollingSpan,
} from './event-clause.ts';
import type { DidCondition } from './filter.ts';
import type { PairLookups, PairSource } from './pair-lookups.ts';
import { type Span, shiftBySpan } from './sql-time.ts';

interface PairEventsOptions {
  workspaceId: string;
  timeZone: string;
  source: PairSource;
  lookups: PairLookups;
  /** The names of events that the pairs must include. */
  eventNames: Set<string>;
}

/** Answers conditions on the events of each pair's customer, by look-ups that equal conditions share. */
export function createPairEvents(options: PairEventsOptions) {
  const { workspaceId, timeZone, source, lookups, eventNames } = options;
  const { lookup } = lookups;
  const at = sql`s.at`;
  const depths = new Map<string, number>();

  const isVisible =
    source === 'given'
      ? sql`e.occurred_at <= s.at and e.arrival <= s.arrival`
      : sql`e.occurred_at <= s.at`;

  const matches = (condition: DidCondition) => matchingEvents(condition, timeZone, countsAt(at));

  /** False if the stored event names rule out all events, so that no look-up is needed. */
  const mayHaveEvents = (condition: DidCondition): Sql =>
    hasStoredNames(condition)
      ? sql`(s.event_names is null or s.event_names && ${condition.event}::text[])`
      : sql`true`;
  const hasStoredNames = ({ kind = 'TRACK' }: DidCondition) =>
    kind === 'TRACK' && source !== 'past';

  /**
   * The matching events of a pair's customer: one index range for it and for each customer merged into it. "offset 0"
   * keeps the planner from reversing the join while it has no statistics.
   */
  const eventsOfPair = (condition: DidCondition, span?: Span) => sql`
    unnest(f.ids) as member (id)
    cross join lateral (
      select e.occurred_at, e.properties, e.corrected, e.currency from event e
      where e.workspace_id = ${workspaceId}::uuid and e.customer_id = member.id
        and ${mayHaveEvents(condition)} and ${matches(condition)} and ${isVisible}
        ${span ? sql`and ${isInWindow(at, span, timeZone)}` : emptySql} offset 0
    ) as e`;

  /** The time of the n-th latest matching event. All clauses about the same events share one look-up. */
  function nthLatest(condition: DidCondition, n: number): Sql {
    const { event, kind, where, window } = condition;
    const key = JSON.stringify(['times', event, kind, where, window?.between]);
    depths.set(key, Math.max(depths.get(key) ?? 0, n));
    const alias = lookup(key, () => {
      const depth = depths.get(key) ?? n;
      const latest = (member: Sql) => sql`
        select e.occurred_at from event e
        where e.workspace_id = ${workspaceId}::uuid and e.customer_id = ${member}
          and ${matches(condition)} and ${isVisible}
        order by e.occurred_at desc limit ${depth}::int`;
      // Few customers are merged; without a merge the index range is already sorted.
      return sql`select case when not ${mayHaveEvents(condition)} then null
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
   * When the n-th last of the matching events leaves the window. With calendar units a later event may leave earlier:
   * one month after January 30, 12:00 is February 29, 12:00, and one month after January 31, 9:00 is February 29, 9:00.
   * So every event that could leave after the n-th latest one is examined.
   */
  function nthToLeave(condition: DidCondition, n: number, span: Span): Sql {
    const nth = nthLatest(condition, n);
    if (span.calendar === null) return shiftBySpan(nth, span, timeZone);
    const { event, kind, where, window } = condition;
    const alias = lookup(
      JSON.stringify(['leaves', event, kind, where, window, n]),
      () => sql`select array(
        select ${shiftBySpan(sql`e.occurred_at`, span, timeZone)} from ${eventsOfPair(condition)}
        where e.occurred_at >= coalesce(${nth}, '-infinity') - '4 days'::interval
        order by 1 desc limit ${n}::int) as times`,
    );
    return sql`${alias}.times[${n}::int]`;
  }

  /** A measure over all matching events. */
  function measured(condition: DidCondition): Sql {
    return lookup(
      JSON.stringify(condition),
      () => sql`select ${measureSql(condition, options)} as value
        from ${eventsOfPair(condition)}`,
    );
  }

  /**
   * A measure in a rolling window: whether it satisfies its comparison now, and the first instant at which events
   * that leave the window change that.
   */
  function measuredWithin(condition: DidCondition, span: Span): ClauseSql {
    const left = sql`over (order by w.leaves desc range unbounded preceding exclude group)`;
    const isMet = (over: Sql) =>
      holdsSql(
        compareMeasure(measureSql(condition, { workspaceId, over }), condition, timeZone),
        at,
      );
    const alias = lookup(
      JSON.stringify(condition),
      () => sql`
        select coalesce(bool_and(m.now), ${matchesNoEvents(condition)}::boolean) as holds,
          min(m.leaves) filter (where m.later <> m.now) as changes
        from (
          select w.leaves, ${isMet(sql`over ()`)} as now, ${isMet(left)} as later
          from (
            select e.occurred_at, e.properties, e.corrected, e.currency,
              ${shiftBySpan(sql`e.occurred_at`, span, timeZone)} as leaves
            from ${eventsOfPair(condition, span)}
          ) as e
          cross join lateral (select e.leaves) as w
        ) as m`,
    );
    return {
      holds: sql`${alias}.holds`,
      expires: sql`coalesce(${alias}.changes, ${endOfTime})`,
    };
  }

  /** The same if every event that leaves may change the answer, or if the age of an event does. */
  function reevaluatedWithin(condition: DidCondition, span: Span): ClauseSql {
    lookups.needFamily();
    const alias = lookup(
      JSON.stringify(condition),
      () => sql`select ${measureSql(condition, options)} as value,
          min(${shiftBySpan(sql`e.occurred_at`, span, timeZone)}) as leaves
        from ${eventsOfPair(condition, span)}`,
    );
    const clause = compareMeasure(sql`${alias}.value`, condition, timeZone);
    return {
      holds: holdsSql(clause, at),
      expires: sql`coalesce(least(${alias}.leaves, ${nextChangeSql(clause, at)}), ${endOfTime})`,
    };
  }

  function didCount(condition: DidCondition, span: Span | undefined): ClauseSql | undefined {
    const comparison = condition.measure ? condition.measure.count : { atLeast: 1 };
    if (!comparison) return undefined;
    const steps = countThresholds(comparison);
    const { from, below } = steps;
    if (Math.max(from, below ?? 0) > maxEventLookups) return undefined;
    const end = (n: number) => {
      if (n <= 0) return endOfTime;
      if (span) return nthToLeave(condition, n, span);
      return sql`case when ${nthLatest(condition, n)} is not null then ${endOfTime} end`;
    };
    const clause = countClause(steps, end);
    const isFixed = !span || (from <= 0 && below === undefined);
    return isFixed ? { steady: holdsSql(clause, at) } : clause;
  }

  function did(condition: DidCondition): ClauseSql {
    lookups.needFamily();
    // Before the look-ups are made, because the pairs must include these names.
    if (hasStoredNames(condition)) for (const name of condition.event) eventNames.add(name);
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
      : reevaluatedWithin(condition, span);
  }

  function selectEvents(where: Sql): Sql {
    lookups.needFamily();
    return sql`
      unnest(f.ids) as member (id)
      cross join lateral (
        select e.* from event e
        where e.workspace_id = ${workspaceId}::uuid and e.customer_id = member.id
          and ${where} and ${isVisible} offset 0) as e`;
  }

  return { did, reevaluatedWithin, selectEvents };
}
