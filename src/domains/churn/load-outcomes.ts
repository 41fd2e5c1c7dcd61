import type { Transaction } from '../../platform/database.ts';
import { type Sql, sql } from '../../platform/sql.ts';
import { withoutNestedLoops } from '../../platform/without-nested-loops.ts';
import type { BacktestCustomer } from '../../statistics/backtest/run-backtest.ts';
import type { ChurnActivity } from './risk/risk-model.ts';

/** Divides purchases into those a back-test may use and those it is compared with. */
export interface OutcomeWindow {
  /** The first day that counts as future, a date in the workspace's time zone. */
  from: string;
  horizonDays: number;
  /** Which events count as activity; default: purchases. */
  activity?: ChurnActivity;
  /** The share of customers in the sample, the same ones every time; default: all. */
  share?: number;
}

interface OutcomeRow extends Omit<BacktestCustomer, 'm'> {
  m: number | null;
}

/**
 * Loads all customers with a purchase before the window: their history up to its first day, and what they
 * bought within it, in minor units of the workspace's currency. All orders of one day count as one purchase; those
 * in other currencies have no value.
 */
export async function loadOutcomes(
  db: Transaction,
  window: OutcomeWindow,
): Promise<BacktestCustomer[]> {
  return withoutNestedLoops(
    db,
    async () => (await db.query<OutcomeRow>(selectOutcomes(db.workspaceId, window))).rows,
  );
}

const activityEvents: Record<ChurnActivity, Sql> = {
  PURCHASES: sql`e.effect = 'order'`,
  ANY_ACTIVITY: sql`e.origin = 'CUSTOMER'`,
};

/** Depends only on the customer's id, so that every sample has the same customers. */
const isInShare = (share: number) =>
  share >= 1
    ? sql`true`
    : sql`(hashtext(coalesce(c.merged_into, c.id)::text)::bigint + 2147483648)
        < ${share}::float8 * 4294967296`;

const selectOutcomes = (
  workspaceId: string,
  { from, horizonDays, activity = 'PURCHASES', share = 1 }: OutcomeWindow,
) => sql`
  with bought as (
    select coalesce(c.merged_into, c.id) as customer,
      (e.occurred_at at time zone w.time_zone)::date as day,
      sum(case when e.effect = 'order' and e.currency = w.currency then e.amount end) as value
    from workspace w
    join event e on e.workspace_id = w.id and ${activityEvents[activity]}
    join customer c on c.workspace_id = w.id and c.id = e.customer_id
    where w.id = ${workspaceId}::uuid and ${isInShare(share)}
      and e.occurred_at < (${from}::date + ${horizonDays}::int)::timestamp at time zone w.time_zone
    group by 1, 2
  ), dated as (
    select customer, day, value, min(day) over (partition by customer) as first,
      min(day) filter (where value is not null) over (partition by customer) as "firstValued"
    from bought
  )
  select (count(*) filter (where day < ${from}::date) - 1)::int as x,
    max(day) filter (where day < ${from}::date) - first as tx,
    ${from}::date - 1 - first as "T",
    (count(value) filter (where day < ${from}::date))::int as "valuedDays",
    nullif(avg(value) filter (where day > "firstValued" and day < ${from}::date), 0)::float8 as m,
    (count(*) filter (where day >= ${from}::date))::int as "actualDays",
    coalesce(sum(value) filter (where day >= ${from}::date), 0)::float8 as "actualValue"
  from dated where first < ${from}::date
  group by customer, first
  order by customer`;
