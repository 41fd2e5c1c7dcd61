import { type Sql, sql } from '../../platform/sql.ts';
import type { FoldSql, StoredFact } from './fact.ts';
import { isEventOf } from './fact-table.ts';

/** The query that aggregates rows `e` of events with their `survivor_id`. */
export interface FoldScope extends Pick<FoldSql, 'owner' | 'over'> {
  workspaceId: string;
  timeZone: string;
  /** Computes a value for each row before the rows are aggregated. Equal keys share a column. */
  mark(key: string, value: Sql): Sql;
}

/** The value of a fact as an aggregate of events, or after each of them if `over` is a window. */
export const foldSql = (
  fact: StoredFact,
  { workspaceId, timeZone, owner, over, mark }: FoldScope,
): Sql =>
  fact.fold.sql({
    owner,
    which: isEventOf(fact, workspaceId),
    over,
    day: sql`(e.occurred_at at time zone ${timeZone}::text)::date`,
    mark: (db) => mark(fact.column, db),
  });
