import { type Sql, sql } from '../../platform/sql.ts';

/** The later instant of each stage in two JSON objects of when stages were left. */
export const latestLeavings = (one: Sql, other: Sql) => sql`(
  select coalesce(jsonb_object_agg(key, at), '{}') from (
    select key, max(value::timestamptz) as at
    from (select * from jsonb_each_text(${one}) union all select * from jsonb_each_text(${other})) as left_stage
    group by key) as latest)`;
