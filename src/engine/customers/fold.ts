import { emptySql, type Sql, sql } from '../../platform/sql.ts';
import { type Fold, type FoldSql, instantOf } from './fact.ts';
import { addMoney, limitedSum } from './money-sum.ts';
import { sessionsAdded, sessionTimeoutMs } from './sessions.ts';

const filtered = (aggregate: Sql, { which, over }: Pick<FoldSql, 'which' | 'over'>) =>
  sql`${aggregate} filter (where ${which}) ${over}`;

const and = (a: Sql, b: Sql) => sql`${a} and ${b}`;

/** The time of the earliest event. */
export const earliest: Fold<Date | null> = {
  type: 'timestamptz',
  initial: null,
  add: (value, { at }) => (value === null || at < value ? at : value),
  sql: (events) => filtered(sql`min(e.occurred_at)`, events),
};

/** The time of the latest event. */
export const latest: Fold<Date | null> = {
  type: 'timestamptz',
  initial: null,
  add: (value, { at }) => (value === null || at > value ? at : value),
  sql: (events) => filtered(sql`max(e.occurred_at)`, events),
};

/** The number of events. */
export const count: Fold<number> = {
  type: 'integer',
  isCount: true,
  initial: 0,
  add: (value) => value + 1,
  sql: (events) => sql`(${filtered(sql`count(*)`, events)})::integer`,
};

/** The sum of the events' amounts, which must be in one currency. */
export const sum: Fold<bigint> = {
  type: 'bigint',
  initial: 0n,
  add: (value, { amount }) => addMoney(value, amount),
  sql: (events) => sumSql(events),
};

const sumSql = (events: Pick<FoldSql, 'which' | 'over'>) =>
  limitedSum(filtered(sql`sum(e.amount)`, events));

/** The columns with the earliest and the latest of a fact's events. */
interface Span {
  first: string;
  last: string;
}

/** The number of days with events. */
export const days = (span: Span): Fold<number> => ({
  type: 'integer',
  initial: 0,
  days: span,
  add: (value, { day, days }) => (days.has(day) ? value : value + 1),
  sql({ owner, which, over, day, mark }) {
    // Without a window this is faster; window functions do not support `distinct`.
    if (over === emptySql) {
      return sql`(count(distinct ${day}) filter (where ${which}))::integer`;
    }
    const isFirstOfDay = mark(sql`row_number() over (
      partition by ${owner}, (${which}), ${day} order by e.occurred_at) = 1`);
    const firsts = filtered(sql`count(*)`, { which: and(which, isFirstOfDay), over });
    return sql`(${firsts})::integer`;
  },
});

/** The sum of the amounts on the first day with such events, in one currency; `first` is the column with its time. */
export const firstDaySum = ({ first }: Pick<Span, 'first'>): Fold<bigint> => ({
  type: 'bigint',
  initial: 0n,
  add(value, { day, dayOf, amount, before }) {
    const firstAt = instantOf(before[first]);
    const firstDay = firstAt && dayOf(firstAt);
    // An earlier first day replaces the previous one, whose orders then count as repeat orders.
    if (firstDay === null || day < firstDay) return amount;
    return day === firstDay ? addMoney(value, amount) : value;
  },
  sql(events) {
    const { owner, which, over, day, mark } = events;
    const isFirstDay = mark(sql`${day} = min(${day}) filter (where ${which})
      over (partition by ${owner})`);
    return sumSql({ which: and(which, isFirstDay), over });
  },
});

/** The number of sessions; the events must be views. */
export const sessions: Fold<number> = {
  type: 'integer',
  initial: 0,
  add: (value, { at, views }) => value + sessionsAdded(views, at.getTime()),
  sql({ owner, which, over, mark }) {
    const startsSession = mark(sql`coalesce(e.occurred_at - lag(e.occurred_at)
      over (partition by ${owner}, (${which}) order by e.occurred_at)
        > make_interval(secs => ${sessionTimeoutMs / 1000}::float8), true)`);
    const starts = filtered(sql`count(*)`, { which: and(which, startsSession), over });
    return sql`(${starts})::integer`;
  },
};
