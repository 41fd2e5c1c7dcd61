import type { Transaction } from '../../platform/database.ts';
import { type Sql, sql } from '../../platform/sql.ts';
import { maxModelAmount, type Spend } from '../../statistics/models/gamma-gamma.ts';
import type { HistoryGroup } from '../../statistics/models/purchase-history.ts';
import type { ChurnActivity } from './risk/risk-model.ts';

interface HistoryQuery {
  activity: ChurnActivity;
  timeZone: string;
  now: Date;
}

/** The purchase histories and spends of a workspace, as input of a fit. */
export interface Histories {
  /** In whole days of the workspace's calendar, up to today. */
  groups: HistoryGroup[];
  /** Mean spend of customers with repeat purchases in the workspace's currency, in minor units. */
  spends: Spend[];
  /** The first and the last day of activity, as dates. */
  from: string | null;
  to: string | null;
}

/** Loads histories grouped in the database: far fewer histories than customers exist. */
export async function loadHistories(
  db: Transaction,
  { activity, timeZone, now }: HistoryQuery,
): Promise<Histories> {
  const histories = selectHistories(db, { activity, timeZone, now });
  const { rows: groups } = await db.query<HistoryGroup & { from: string; to: string }>(sql`
    select x, tx, "T", count(*)::int as count, min(first_day)::text as "from",
      max(last_day)::text as "to"
    from (${histories}) as history group by x, tx, "T"`);
  const { rows: spends } =
    activity === 'PURCHASES'
      ? await db.query<Spend>(sql`
        select x, m::float8 as m, count(*)::int as count from (
          select own_order_days - 1 as x, least(${maxModelAmount},
            (gross_revenue - first_day_value)::numeric / (own_order_days - 1)) as m
          from customer
          where workspace_id = ${db.workspaceId} and merged_into is null and own_order_days > 1
            and last_order_at <= ${now}
            and gross_revenue > first_day_value
        ) as spend
        group by x, m`)
      : { rows: [] };
  const days = groups.flatMap(({ from, to }) => [from, to]).sort();
  return {
    groups: groups.map(({ x, tx, T, count }) => ({ x, tx, T, count })),
    spends,
    from: days[0] ?? null,
    to: days.at(-1) ?? null,
  };
}

/**
 * Loads the histories grouped only by repeats, with the mean ages: a few rows, enough for priors and for the
 * check of sufficient data, which both only sum.
 */
export async function loadMeanHistories(
  db: Transaction,
  query: HistoryQuery,
): Promise<HistoryGroup[]> {
  const { rows } = await db.query<HistoryGroup>(sql`
    select x, avg(tx)::float8 as tx, avg("T")::float8 as "T", count(*)::int as count
    from (${selectHistories(db, query)}) as history group by x`);
  return rows;
}

const columns: Record<ChurnActivity, { days: Sql; first: Sql; last: Sql }> = {
  PURCHASES: { days: sql`order_days`, first: sql`first_order_at`, last: sql`last_order_at` },
  ANY_ACTIVITY: { days: sql`active_days`, first: sql`first_seen_at`, last: sql`last_seen_at` },
};

const selectHistories = (
  { workspaceId }: Transaction,
  { activity, timeZone, now }: HistoryQuery,
): Sql => {
  const { days, first, last } = columns[activity];
  const day = (instant: Sql) => sql`(${instant} at time zone ${timeZone})::date`;
  const today = day(sql`${now}::timestamptz`);
  return sql`
    select ${days} - 1 as x, ${day(last)} - ${day(first)} as tx, ${today} - ${day(first)} as "T",
      ${day(first)} as first_day, ${day(last)} as last_day
    from customer
    where workspace_id = ${workspaceId} and merged_into is null and ${days} > 0 and ${last} <= ${now}`;
};
