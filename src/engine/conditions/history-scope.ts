import { emptySql, joinSql, rawSql, type Sql, sql } from '../../platform/sql.ts';
import { type ClauseSql, endOfTime, startOfTime } from './clause.ts';
import {
  compareInstant,
  compareText,
  isAtLeast,
  isInRange,
  type NumberRange,
  orFalse,
} from './compare.ts';
import {
  compareMeasure,
  countClause,
  countThresholds,
  matchingEvents,
  measureSql,
  rollingSpan,
} from './event-clause.ts';
import type { DidCondition, IdentityCondition } from './filter.ts';
import { selectIdentityHistory } from './history-sources.ts';
import { createPairScope } from './pair-scope.ts';
import { placementSourceOf } from './placement-source.ts';
import {
  createRunningColumns,
  historyOwner,
  type RunningColumns,
  runningWindow,
} from './running-columns.ts';
import type { ConditionScope, PlacementCondition } from './scope.ts';
import { type Span, shiftBySpan } from './sql-time.ts';

/** A value of the n-th latest of the matching events up to this one. */
const nthBefore = (value: Sql, n: number, matching: Sql) => sql`lag(${value}, ${n - 1}::integer)
  over (partition by ${historyOwner}, (${matching}) order by e.occurred_at, e.arrival nulls first)`;

type ValueAt = Parameters<ConditionScope['isValueInRange']>[0];

export interface HistoryScope extends ConditionScope {
  running: RunningColumns;
  /** The joins that the compiled clauses refer to, to append to the relation `s`. */
  joins(): Sql;
}

/**
 * Compiles conditions for pairs `s` of (customer, instant) to running columns over the customer's history. Only
 * measures in rolling windows and counts of distinct values are looked up for each pair.
 */
export function createHistoryScope(options: {
  workspaceId: string;
  timeZone: string;
  instants: readonly Date[];
}): HistoryScope {
  const { workspaceId, timeZone, instants } = options;
  const pairs = createPairScope({ ...options, source: 'past' });
  const running = createRunningColumns(options);
  const crossings = new Map<string, { join: Sql; clause: ClauseSql }>();

  /** Uses running columns where events leave the window in the order in which they entered it. */
  function didWithin(condition: DidCondition, span: Span): ClauseSql {
    const { measure = { count: { atLeast: 1 } }, ...events } = condition;
    if (!measure.count) return pairs.reevaluatedWithin(condition, span);
    const steps = countThresholds(measure.count);
    if (span.calendar !== null && Math.max(steps.from, steps.below ?? 0) > 1) {
      return pairs.did(condition);
    }
    const matching = matchingEvents(condition, timeZone);
    const leaves = shiftBySpan(sql`e.occurred_at`, span, timeZone);
    const end = (n: number) => {
      if (n <= 0) return endOfTime;
      const key = JSON.stringify([events, 'leaves', n]);
      const nth = n === 1 ? leaves : running.mark(key, nthBefore(leaves, n, matching));
      return running.column(key, sql`max(${nth}) filter (where ${matching}) ${runningWindow}`);
    };
    return countClause(steps, end);
  }

  function did(condition: DidCondition): ClauseSql {
    const { measure } = condition;
    const span = rollingSpan(condition, timeZone);
    if (span) return didWithin(condition, span);
    if (measure?.distinct) return pairs.did(condition);
    const matching = sql`filter (where ${matchingEvents(condition, timeZone)}) ${runningWindow}`;
    const { measure: _compared, ...events } = condition;
    const [kind] = Object.keys(measure ?? { count: true });
    const property = measure?.sum ?? measure?.min ?? measure?.max;
    const key = JSON.stringify([events, kind, property?.property]);
    const value = running.column(key, measureSql(condition, { workspaceId, over: matching }));
    return compareMeasure(value, condition, timeZone);
  }

  function identity(condition: IdentityCondition): ClauseSql {
    running.sources.add(selectIdentityHistory);
    const { kind, value } = condition;
    const matches = value ? sql`and ${compareText(sql`e.identity_value`, value)}` : emptySql;
    const hasName = sql`bool_or(e.identity_kind = ${kind}::text ${matches}) ${runningWindow}`;
    return { steady: orFalse(running.column(JSON.stringify(condition), hasName)) };
  }

  function placement({ ruleSetId, stages, limit }: PlacementCondition): ClauseSql {
    running.sources.add(placementSourceOf(ruleSetId).moves);
    const isMove = sql`e.rule_set_id = ${ruleSetId}::text`;
    const key = JSON.stringify([ruleSetId, stages]);
    const isOneOf = (column: 'from_stage' | 'to_stage') =>
      sql`coalesce((${rawSql(`e.${column}`)} = any(${stages}::text[]))::integer, 0)`;
    const isThere = orFalse(
      running.column(
        `in ${key}`,
        // The greatest array is the last move, of the customer itself if there is one. Its last element is 1 if the move
        // leads to one of the stages.
        sql`(max(array[e.is_own::integer, date_part('epoch', e.occurred_at), e.position, ${isOneOf('to_stage')}]::float8[])
          filter (where ${isMove} and (e.is_own or e.to_stage is not null)) ${runningWindow})[4] = 1`,
      ),
    );
    if (!limit) return { steady: isThere };
    if ('forAtLeast' in limit || 'enteredWithin' in limit) {
      const lastOf = (members: Sql) => sql`max(e.occurred_at)
        filter (where ${isMove} and ${members}) ${runningWindow}`;
      const last = sql`coalesce(${lastOf(sql`e.is_own`)}, ${lastOf(sql`e.to_stage is not null`)})`;
      const since = sql`case when ${isThere}
        then ${running.column(`since ${ruleSetId}`, last)} end`;
      return 'forAtLeast' in limit
        ? compareInstant(since, { olderThan: limit.forAtLeast }, timeZone)
        : compareInstant(since, { withinLast: limit.enteredWithin }, timeZone);
    }
    const left = running.column(
      `left ${key}`,
      sql`max(e.occurred_at) filter (where ${isMove}
        and e.from_stage = any(${stages}::text[])) ${runningWindow}`,
    );
    // Customers that are one today may have been in different stages.
    const areThere = running.column(
      `number in ${key}`,
      sql`sum(${isOneOf('to_stage')} - ${isOneOf('from_stage')}) filter (where ${isMove}) ${runningWindow}`,
    );
    const isAnyThere = sql`(${isThere} or ${orFalse(sql`${areThere} > 0`)})`;
    if ('ever' in limit) return { steady: sql`(${isAnyThere} or ${left} is not null)` };
    const recent = compareInstant(left, { withinLast: limit.within }, timeZone);
    if (!('since' in recent)) throw new Error('withinLast must compile to a clause with bounds');
    return {
      since: sql`case when ${isAnyThere} then ${startOfTime} else ${recent.since} end`,
      until: sql`case when ${isAnyThere} then ${endOfTime} else ${recent.until} end`,
    };
  }

  /** The first instant at which the value crosses a bound of the range, found by bisection. */
  function firstCrossing(valueAt: ValueAt, range: NumberRange, alias: Sql) {
    const instantAt = (k: Sql) => sql`(${[...instants]}::timestamptz[])[${k}]`;
    const crossing = (bound: number) => {
      const hasCrossed = (k: Sql) => sql`
        ${isAtLeast(valueAt(instantAt(k)), bound)} <> ${isAtLeast(valueAt(pairs.at), bound)}`;
      return sql`(
        with recursive bisected (low, high) as (
          select s.current_k, s.end_k - 1 where ${hasCrossed(sql`s.end_k - 1`)}
          union all
          select case when crossed then low else middle end, case when crossed then middle else high end
          from (
            select low, high, middle, ${hasCrossed(sql`middle`)} as crossed
            from bisected cross join lateral (select (low + high) / 2 as middle) as m
            where high - low > 1
          ) as half
        ) select high from bisected where high - low = 1)`;
    };
    const finite = [range.from, range.below].filter(Number.isFinite);
    const first = joinSql([sql`null::integer`, ...finite.map(crossing)]);
    const expires = sql`coalesce(${instantAt(sql`${alias}.k`)}, ${endOfTime})`;
    return {
      join: sql`cross join lateral (select least(${first}) as k offset 0) as ${alias}`,
      clause: { holds: isInRange(valueAt(pairs.at), range), expires },
    };
  }

  function isWithin(valueAt: ValueAt, range: NumberRange): ClauseSql {
    const { text, values } = isInRange(valueAt(pairs.at), range);
    const key = JSON.stringify([text, values]);
    const found =
      crossings.get(key) ?? firstCrossing(valueAt, range, rawSql(`crossing${crossings.size}`));
    crossings.set(key, found);
    return found.clause;
  }

  return {
    ...pairs,
    running,
    column: (name) => running.fact(name),
    trait: (name) => running.trait(name),
    did,
    identity,
    placement,
    isValueInRange: isWithin,
    joins: () => joinSql([pairs.joins(), ...[...crossings.values()].map(({ join }) => join)], ' '),
  };
}
