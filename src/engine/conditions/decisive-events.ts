import { type Sql, sql } from '../../platform/sql.ts';
import { type ClauseSql, holdsSql } from './clause.ts';
import { matchesNumber } from './compare.ts';
import { isOfCustomer, maxEvidence } from './evidence.ts';
import type { NumberComparison } from './filter.ts';
import type { EvidenceQuery } from './filter-clause.ts';

/*
 * The events that decide an answer: of a number the fewest without which the answer would be the opposite, of a value
 * that one event states the event that states it. Each function takes the condition on the rows `e` that count.
 */

/** Shares and groups beyond this number are not examined. */
const maxExamined = 10_000;

/** The newest events without which a count would not satisfy, or would satisfy, the comparison. */
export async function newestToTurn(
  which: Sql,
  { total, comparison }: { total: number; comparison: NumberComparison },
  query: EvidenceQuery,
): Promise<string[]> {
  const count = fewestToTurn(
    Array.from({ length: total }, () => 1),
    { total, comparison },
    query,
  );
  return count === undefined ? [] : findNewest(which, count, query);
}

export async function findNewest(
  which: Sql,
  count: number,
  query: EvidenceQuery,
): Promise<string[]> {
  const { rows } = await query.db.query<{ id: string }>(sql`
    select e.id from event e where ${isOfCustomer(query)} and ${which}
    order by e.occurred_at desc, e.arrival desc limit ${Math.min(count, maxEvidence)}::int`);
  return rows.map(({ id }) => id);
}

/** The largest shares without which a sum would not satisfy, or would satisfy, the comparison. */
export async function largestToTurn(
  which: Sql,
  { share, comparison }: { share: Sql; comparison: NumberComparison },
  query: EvidenceQuery,
): Promise<string[]> {
  const { rows } = await query.db.query<{ id: string; share: number; total: number }>(sql`
    select id, share, sum(share) over () as total
    from (
      select e.id, (${share})::float8 as share, e.occurred_at from event e
      where ${isOfCustomer(query)} and ${which}) as shared
    where share <> 0 order by share desc, occurred_at desc limit ${maxExamined}::int`);
  const total = rows[0]?.total ?? 0;
  for (const ordered of [rows, rows.toReversed()]) {
    const shares = ordered.map((row) => row.share);
    const count = fewestToTurn(shares, { total, comparison }, query);
    if (count !== undefined)
      return ordered.slice(0, Math.min(count, maxEvidence)).map(({ id }) => id);
  }
  return [];
}

/**
 * The events of the smallest groups without which the number of groups would turn the answer. In the key of the group,
 * `e.gap` is the time since the previous event.
 */
export async function groupsToTurn(
  which: Sql,
  { group, comparison }: { group: Sql; comparison: NumberComparison },
  query: EvidenceQuery,
): Promise<string[]> {
  const { rows } = await query.db.query<{ ids: string[]; total: number }>(sql`
    select array_agg(id order by occurred_at desc, arrival desc) as ids, (count(*) over ())::int as total
    from (
      select e.id, e.occurred_at, e.arrival, ${group} as key
      from (
        select e.*, e.occurred_at - lag(e.occurred_at) over (order by e.occurred_at) as gap
        from event e where ${isOfCustomer(query)} and ${which}) as e) as keyed
    group by key order by count(*), max(occurred_at) desc limit ${maxExamined}::int`);
  const ones = rows.map(() => 1);
  const count = fewestToTurn(ones, { total: rows[0]?.total ?? 0, comparison }, query);
  if (count === undefined) return [];
  return rows
    .slice(0, count)
    .flatMap(({ ids }) => ids)
    .slice(0, maxEvidence);
}

/** How many of the shares, in this order, must go for the answer to turn; undefined if none of them turns it. */
export function fewestToTurn(
  shares: readonly number[],
  { total, comparison }: { total: number; comparison: NumberComparison },
  { holds }: Pick<EvidenceQuery, 'holds'>,
): number | undefined {
  let rest = total;
  for (const [index, share] of shares.entries()) {
    rest -= share;
    if (matchesNumber(rest, comparison) !== holds) return index + 1;
  }
  return undefined;
}

const orders = {
  EARLIEST: sql`e.occurred_at, e.arrival`,
  LATEST: sql`e.occurred_at desc, e.arrival desc`,
  LEAST: sql`e.value, e.occurred_at desc`,
  GREATEST: sql`e.value desc, e.occurred_at desc`,
} as const;

interface StatedValue {
  /** The value that an event states, or null. */
  value: Sql;
  /** Which of the events states the value of the customer. */
  from: keyof typeof orders;
  compare: (value: Sql) => ClauseSql;
}

/**
 * The event that states the value, unless the answer would be the same without it and without any value: then the
 * absence of events decides.
 */
export async function statingEvent(
  which: Sql,
  { value, from, compare }: StatedValue,
  query: EvidenceQuery,
): Promise<string[]> {
  const order = orders[from];
  const turns = (stated: Sql) =>
    sql`(${holdsSql(compare(stated), sql`${query.at}::timestamptz`)}) <> ${query.holds}::boolean`;
  const { rows } = await query.db.query<{ id: string; turns: boolean }>(sql`
    select s.id, ${turns(sql`s.next_value`)} or ${turns(sql`nullif(s.value, s.value)`)} as turns
    from (
      select e.id, e.value, lead(e.value) over (order by ${order}) as next_value
      from (
        select e.id, e.occurred_at, e.arrival, ${value} as value from event e
        where ${isOfCustomer(query)} and ${which}
      ) as e where e.value is not null
      order by ${order} limit 1
    ) as s`);
  return rows.flatMap(({ id, turns: decides }) => (decides ? [id] : []));
}
