import { emptySql, type Sql, sql } from '../../platform/sql.ts';
import { singleEntry } from './compare.ts';
import type { ConditionKind } from './condition.ts';
import { groupsToTurn, largestToTurn, newestToTurn, statingEvent } from './decisive-events.ts';
import {
  compareMeasure,
  countsAt,
  isInWindow,
  matchesNoEvents,
  matchingEvents,
  measureSql,
  rollingSpan,
} from './event-clause.ts';
import { formatInstant, isOfCustomer, missingFor, readValue } from './evidence.ts';
import { DidCondition } from './filter.ts';
import type { Evidence, EvidenceQuery, FilterClause } from './filter-clause.ts';
import { propertySql } from './measured-number.ts';

const didKind: ConditionKind<DidCondition> = {
  name: 'did',
  compile: (data, scope) => scope.did(data),
  answerWithout(data, { eventNames }) {
    const { kind = 'TRACK', event } = data;
    const isNeverDone = kind === 'TRACK' && event.every((name) => eventNames.has(name));
    return isNeverDone ? matchesNoEvents(data) : undefined;
  },
};

export const didClause: FilterClause<DidCondition> = {
  name: 'did',
  input: DidCondition,
  resolve: (data) => ({ kind: didKind, data }),
  explain: didEvidence,
};

async function didEvidence(condition: DidCondition, query: EvidenceQuery): Promise<Evidence> {
  const { timeZone } = query.vocabulary;
  const span = rollingSpan(condition, timeZone);
  const at = sql`${query.at}::timestamptz`;
  const within = span ? sql`and ${isInWindow(at, span, timeZone)}` : emptySql;
  const which = sql`${matchingEvents(condition, timeZone, countsAt(at))} ${within}`;
  const actual = await readValue(
    query.db,
    sql`select to_jsonb(${measureSql(condition, query.db)}) as value from event e
      where ${isOfCustomer(query)} and ${which}`,
  );
  const eventIds = await decisiveEvents(condition, which, { actual, query });
  const comparison = condition.measure ? condition.measure.count : { atLeast: 1 };
  const missing =
    query.holds || !comparison ? null : missingFor(comparison, Number(actual), condition.event);
  const { first, last } = condition.measure ?? {};
  return { actual: first || last ? formatInstant(actual) : actual, eventIds, missing };
}

/** The events that decide the answer, by the measure that is compared. */
function decisiveEvents(
  condition: DidCondition,
  which: Sql,
  { actual, query }: { actual: unknown; query: EvidenceQuery },
): Promise<string[]> {
  const { timeZone } = query.vocabulary;
  const [kind, operand] = singleEntry(condition.measure ?? { count: { atLeast: 1 } });
  const compare = (value: Sql) => compareMeasure(value, condition, timeZone);
  const ofEvent = measureSql(condition, {
    workspaceId: query.db.workspaceId,
    over: sql`over (partition by e.id)`,
  });
  switch (kind) {
    case 'count':
      return newestToTurn(which, { total: Number(actual), comparison: operand }, query);
    case 'sum':
      return largestToTurn(which, { share: ofEvent, comparison: operand.is }, query);
    case 'distinct': {
      const value = propertySql(operand.property);
      const isValue = sql`jsonb_typeof(${value}) in ('string', 'number', 'boolean')`;
      const groups = { group: value, comparison: operand.is };
      return groupsToTurn(sql`${which} and ${isValue}`, groups, query);
    }
    case 'first':
    case 'last': {
      const from = kind === 'first' ? 'EARLIEST' : 'LATEST';
      return statingEvent(which, { value: sql`e.occurred_at`, from, compare }, query);
    }
    case 'min':
    case 'max': {
      const from = kind === 'min' ? 'LEAST' : 'GREATEST';
      return statingEvent(which, { value: ofEvent, from, compare }, query);
    }
  }
}
