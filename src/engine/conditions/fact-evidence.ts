import type { Transaction } from '../../platform/database.ts';
import { type Sql, sql } from '../../platform/sql.ts';
import { eventEffects } from '../customers/effects.ts';
import type { Fact, StoredFact } from '../customers/fact.ts';
import { effectsOf, isCount, isEventOf, storedFacts } from '../customers/fact-table.ts';
import { earliest, sessions, sum } from '../customers/fold.ts';
import { sessionTimeoutMs } from '../customers/sessions.ts';
import { compareInstant } from './compare.ts';
import {
  findNewest,
  groupsToTurn,
  largestToTurn,
  newestToTurn,
  statingEvent,
} from './decisive-events.ts';
import { maxEvidence } from './evidence.ts';
import { resolveFactCondition } from './fact-condition.ts';
import type { FactCondition, NumberComparison } from './filter.ts';
import type { EvidenceQuery } from './filter-clause.ts';
import type { Vocabulary } from './vocabulary.ts';

/** The first listed names of the events that a fact is derived from. */
export const defaultEventNames = (fact: Fact): string[] =>
  (effectsOf(fact) ?? []).flatMap((effect) => eventEffects().get(effect)?.events[0] ?? []);

/** The events that decide the answer, by the way in which the fact is derived from events. */
export function decisiveEventsOfFact(
  condition: FactCondition,
  actual: unknown,
  query: EvidenceQuery,
): Promise<string[]> {
  const { fact, type, comparison } = resolveFactCondition(condition);
  const which = isEventOf(fact, query.db.workspaceId);
  if (type === 'boolean') return effectsOf(fact) ? findNewest(which, 1, query) : findNaming(query);
  if (type === 'number') {
    return decisiveForNumber(fact, which, { total: Number(actual), comparison, query });
  }
  const from = 'fold' in fact && fact.fold === earliest ? 'EARLIEST' : 'LATEST';
  const compare = (value: Sql) => compareInstant(value, comparison, query.vocabulary.timeZone);
  return statingEvent(which, { value: sql`e.occurred_at`, from, compare }, query);
}

function decisiveForNumber(
  fact: Fact,
  which: Sql,
  { query, ...compared }: { total: number; comparison: NumberComparison; query: EvidenceQuery },
): Promise<string[]> {
  if (isCount(fact)) return newestToTurn(which, compared, query);
  const group = groupSql(fact, query.vocabulary);
  if (group) return groupsToTurn(which, { ...compared, group }, query);
  const share = shareSql(fact, query.db);
  if (share) return largestToTurn(which, { ...compared, share }, query);
  return findNewest(which, maxEvidence, query);
}

/** What makes two events count once: a day or a session; undefined if each event counts. */
function groupSql(fact: Fact, { timeZone }: Vocabulary): Sql | undefined {
  if (!('fold' in fact)) return undefined;
  if (fact.fold.days) return sql`(e.occurred_at at time zone ${timeZone}::text)::date`;
  if (fact.fold !== sessions) return undefined;
  return sql`count(*) filter (where e.gap > make_interval(secs => ${sessionTimeoutMs / 1000}::float8))
    over (order by e.occurred_at)`;
}

/** What the event `e` adds to a fact that is a sum, or is computed from sums; undefined for others. */
function shareSql(fact: Fact, { workspaceId }: Transaction): Sql | undefined {
  const addedTo = (part: StoredFact) =>
    sql`case when ${isEventOf(part, workspaceId)} then e.amount else 0 end`;
  if ('fold' in fact) return fact.fold === sum ? addedTo(fact) : undefined;
  const columns = fact.columns.map((name) => storedFacts().get(name));
  if (!columns.every((one) => one?.fold === sum)) return undefined;
  return fact.sql((name) => addedTo(requireStored(name)));
}

function requireStored(column: string): StoredFact {
  const fact = storedFacts().get(column);
  if (!fact) throw new Error(`No fact is stored in the column "${column}".`);
  return fact;
}

/** The first event with a user id or an address of the customer. */
function findNaming(query: EvidenceQuery): Promise<string[]> {
  const { workspaceId } = query.db;
  return findNewest(
    sql`e.occurred_at = (
      select min(i.since) from identity i
      join customer m on m.workspace_id = ${workspaceId}::uuid and m.id = i.customer_id
      where i.workspace_id = ${workspaceId}::uuid and i.kind in ('user_id', 'email')
        and (m.id = ${query.customerId}::uuid or m.merged_into = ${query.customerId}::uuid))`,
    1,
    query,
  );
}
