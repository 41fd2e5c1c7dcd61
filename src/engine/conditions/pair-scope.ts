import { emptySql, rawSql, type Sql, sql } from '../../platform/sql.ts';
import { decisionsAbout, latestDecision } from '../customers/consents.ts';
import type { ClauseSql } from './clause.ts';
import { compareText } from './compare.ts';
import type { ConsentCondition, DidCondition, IdentityCondition } from './filter.ts';
import { createPairEvents } from './pair-events.ts';
import { createPairLookups, type PairSource } from './pair-lookups.ts';
import type { ConditionScope } from './scope.ts';
import type { Span } from './sql-time.ts';

/** The columns, traits, identities and event names of customers that a set of conditions needs. */
export interface Needs {
  columns: Set<string>;
  traits: Set<string>;
  names: boolean;
  /** Names of `track` events. */
  eventNames: Set<string>;
}

export interface PairScope extends ConditionScope {
  needs: Needs;
  /** A measure in a rolling window, computed again whenever an event leaves the window. */
  reevaluatedWithin(condition: DidCondition, span: Span): ClauseSql;
  /** Adds a look-up for each pair, once for all conditions with the same key. Returns its alias. */
  lookup(key: string, makeSelect: () => Sql): Sql;
  /** The events `e` of the pair's customer that match a condition, to follow `from` in a look-up. */
  selectEvents(where: Sql): Sql;
  /** The look-ups that the clauses compiled so far refer to, to follow the relation `s`. */
  joins(): Sql;
}

const refuseInSql = () => {
  throw new Error('Evaluation answers this condition in memory, not in SQL');
};

/**
 * Compiles conditions for pairs of (customer, instant), the rows `s` (customer_id, at, arrival, facts), to look-ups
 * in the events of each pair's customer and of those merged into it.
 */
export function createPairScope(options: {
  workspaceId: string;
  timeZone: string;
  source: PairSource;
}): PairScope {
  const { workspaceId, timeZone, source } = options;
  const at = sql`s.at`;
  const needs: Needs = {
    columns: new Set(),
    traits: new Set(),
    names: false,
    eventNames: new Set(),
  };
  const lookups = createPairLookups(workspaceId);
  const { eventNames } = needs;
  const pairEvents = createPairEvents({ workspaceId, timeZone, source, lookups, eventNames });

  function identity({ kind, value }: IdentityCondition): ClauseSql {
    needs.names = true;
    const matches = value ? sql`and ${compareText(sql`i.value`, value)}` : emptySql;
    if (source === 'given') {
      return {
        steady: sql`exists (
          select from jsonb_to_recordset(s.names) as i (kind text, value text)
          where i.kind = ${kind}::text ${matches})`,
      };
    }
    lookups.needFamily();
    const then = source === 'past' ? sql`and i.since <= s.at` : emptySql;
    return {
      steady: sql`exists (
        select from identity i where i.workspace_id = ${workspaceId}::uuid
          and i.customer_id = any(f.ids) and i.kind = ${kind}::text ${then} ${matches})`,
    };
  }

  /** All conditions on one purpose and channel share a look-up. */
  function consent({ is, ...about }: ConsentCondition): ClauseSql {
    lookups.needFamily();
    const hasArrived = source === 'given' ? sql`and r.arrival <= s.arrival` : emptySql;
    const alias = lookups.lookup(
      JSON.stringify(['consent', about]),
      () => sql`select coalesce((
        select r.state from consent r
        where ${decisionsAbout(about, workspaceId)} and r.customer_id = any(f.ids) and r.at <= s.at ${hasArrived}
        order by ${latestDecision} limit 1), 'UNKNOWN') as state`,
    );
    return { steady: sql`(${alias}.state = ${is}::text)` };
  }

  return {
    workspaceId,
    timeZone,
    at,
    isPast: source === 'past',
    needs,
    column(name) {
      needs.columns.add(name);
      return rawSql(`s.${name}`);
    },
    trait(name) {
      needs.traits.add(name);
      return sql`(s.traits -> ${name}::text)`;
    },
    ...pairEvents,
    identity,
    consent,
    lookup: lookups.lookup,
    joins: lookups.joins,
    isIn: ({ from, where, customerId }) => ({
      steady: sql`exists (
        select from ${from} where ${where} and ${customerId} = s.customer_id)`,
    }),
    placement: refuseInSql,
    isValueInRange: refuseInSql,
  };
}
