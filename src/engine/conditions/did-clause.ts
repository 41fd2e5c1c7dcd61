import { emptySql, sql } from '../../platform/sql.ts';
import type { ConditionKind } from './condition.ts';
import {
  countsAt,
  isInWindow,
  matchesNoEvents,
  matchingEvents,
  measureSql,
  rollingSpan,
} from './event-clause.ts';
import { findEvents, isOfCustomer, missingFor, readValue } from './evidence.ts';
import { DidCondition } from './filter.ts';
import type { Evidence, EvidenceQuery, FilterClause } from './filter-clause.ts';

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
  const isWithoutEvents = query.holds === matchesNoEvents(condition);
  const eventIds = isWithoutEvents ? [] : await findEvents(which, query);
  const comparison = condition.measure ? condition.measure.count : { atLeast: 1 };
  const missing =
    query.holds || !comparison ? null : missingFor(comparison, Number(actual), condition.event);
  return { actual, eventIds, missing };
}
