import { emptySql, rawSql, type Sql, sql } from '../../platform/sql.ts';
import { decisionsAbout, latestDecision } from '../customers/consents.ts';
import { type ClauseSql, holdsSql } from './clause.ts';
import { compareText, isInRange, singleEntry } from './compare.ts';
import {
  compareMeasure,
  countThresholds,
  isInWindow,
  matchesNoEvents,
  matchingEvents,
  measureSql,
  rollingSpan,
} from './event-clause.ts';
import type {
  ConsentCondition,
  DidCondition,
  IdentityCondition,
  NumberComparison,
} from './filter.ts';
import { placementSql } from './placement-sql.ts';
import type { ConditionScope } from './scope.ts';

/**
 * Compiles conditions for all customers `c` at one instant. Customers with matching events are selected as a set,
 * not looked up one by one.
 */
export function createBulkScope(options: {
  workspaceId: string;
  timeZone: string;
  now: Date;
}): ConditionScope {
  const { workspaceId, timeZone, now } = options;
  const at = sql`${now}::timestamptz`;

  /** Selects the customers, after merges, whose matching events satisfy `having`. */
  function withMatchingEvents(condition: DidCondition, having: Sql | undefined): Sql {
    const span = rollingSpan(condition, timeZone);
    const owner = sql`coalesce(m.merged_into, e.customer_id)`;
    return sql`c.id in (
      select ${owner} from event e
      left join customer m on m.workspace_id = ${workspaceId}::uuid and m.id = e.customer_id
        and m.merged_into is not null
      where e.workspace_id = ${workspaceId}::uuid and ${matchingEvents(condition, timeZone)}
        ${span ? sql`and ${isInWindow(at, span, timeZone)}` : emptySql}
      ${having ? sql`group by 1 having ${having}` : emptySql})`;
  }

  function didCount(condition: DidCondition, comparison: NumberComparison): Sql {
    const { from, below, negated } = countThresholds(comparison);
    const atLeast = (count: number) => {
      if (count <= 0) return sql`true`;
      if (count === 1) return withMatchingEvents(condition, undefined);
      return withMatchingEvents(condition, sql`count(*) >= ${count}::bigint`);
    };
    const upTo = below === undefined ? emptySql : sql`and not ${atLeast(below)}`;
    const holds = sql`(${atLeast(from)} ${upTo})`;
    return negated ? sql`not ${holds}` : holds;
  }

  function did(condition: DidCondition): ClauseSql {
    const { measure = { count: { atLeast: 1 } } } = condition;
    const [kind, operand] = singleEntry(measure);
    if (kind === 'count') return { steady: didCount(condition, operand) };
    const clause = compareMeasure(measureSql(condition, { workspaceId }), condition, timeZone);
    const holds = holdsSql(clause, at);
    if (!matchesNoEvents(condition)) return { steady: withMatchingEvents(condition, holds) };
    // A customer without events has a sum of zero, but no row in `event`.
    return { steady: sql`not ${withMatchingEvents(condition, sql`not (${holds})`)}` };
  }

  function identity({ kind, value }: IdentityCondition): ClauseSql {
    const matches = value ? sql`and ${compareText(sql`i.value`, value)}` : emptySql;
    return {
      steady: sql`c.id in (
        select coalesce(m.merged_into, m.id) from identity i
        join customer m on m.workspace_id = ${workspaceId}::uuid and m.id = i.customer_id
        where i.workspace_id = ${workspaceId}::uuid and i.kind = ${kind}::text ${matches})`,
    };
  }

  function consent({ is, ...about }: ConsentCondition): ClauseSql {
    const states = is === 'UNKNOWN' ? ['GRANTED', 'DENIED'] : [is];
    const decided = sql`c.id in (
      select owner from (
        select distinct on (m.owner) m.owner, r.state from consent r
        cross join lateral (
          select coalesce(merged_into, id) as owner from customer
          where workspace_id = ${workspaceId}::uuid and id = r.customer_id) as m
        where ${decisionsAbout(about, workspaceId)} and r.at <= ${at}
        order by m.owner, ${latestDecision}) as decision
      where decision.state = any(${states}::text[]))`;
    return { steady: is === 'UNKNOWN' ? sql`not ${decided}` : decided };
  }

  return {
    workspaceId,
    timeZone,
    at,
    isPast: false,
    column: (name) => rawSql(`c.${name}`),
    trait: (name) => sql`(c.traits -> ${name}::text)`,
    did,
    identity,
    consent,
    isIn: ({ from, where, customerId }) => ({
      steady: sql`c.id in (select ${customerId} from ${from} where ${where})`,
    }),
    placement: (condition) => ({
      steady: placementSql(condition, { workspaceId, timeZone, at }),
    }),
    isValueInRange: (valueAt, range) => ({ steady: isInRange(valueAt(at), range) }),
  };
}
