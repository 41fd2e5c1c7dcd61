import type { Sql } from '../../platform/database.ts';
import type { Filter } from '../conditions/filter.ts';

/** A stage as it is written; of a segment, what its members have in common. */
export interface StageDefinition {
  /** Empty for a segment. */
  key: string;
  entry: Filter;
  stay: Filter | null;
}

/** A lifecycle or a segment as it is written, in force or on its way. */
export interface Definition {
  kind: 'LIFECYCLE' | 'SEGMENT';
  subjectId: string;
  version: number;
  /** Of a definition on its way: its build. */
  buildId: string | null;
  stages: StageDefinition[];
}

/** Everything that is evaluated: lists kept by hand are not. */
export async function loadDefinitions(sql: Sql, workspaceId: string): Promise<Definition[]> {
  const { rows } = await sql.query<Definition>(selectDefinitions, [workspaceId]);
  return rows;
}

const stageList = (from: string) => `(
  select json_agg(json_build_object('key', st.key, 'entry', st.entry, 'stay', st.stay) order by st.ordinal)
  from ${from})`;

const membersOnly = (filter: string) =>
  `json_build_array(json_build_object('key', '', 'entry', ${filter}, 'stay', null))`;

const selectDefinitions = `
  select 'LIFECYCLE' as kind, l.id as "subjectId", l.version, null::uuid as "buildId",
    ${stageList('stage st where st.workspace_id = $1::uuid and st.lifecycle_id = l.id')} as stages, l.key
  from lifecycle l where l.workspace_id = $1::uuid
    and exists (select from stage st where st.workspace_id = $1::uuid and st.lifecycle_id = l.id)
  union all
  select 'SEGMENT', s.id, s.version, null, ${membersOnly('s.filter')}, s.key
  from segment s where s.workspace_id = $1::uuid and s.filter is not null
  union all
  select b.subject_kind, b.subject_id, b.version, b.id,
    case when b.subject_kind = 'LIFECYCLE'
      then ${stageList(`rows from (jsonb_to_recordset(b.definition -> 'stages')
        as (key text, entry jsonb, stay jsonb)) with ordinality as st (key, entry, stay, ordinal)`)}
      else ${membersOnly("b.definition -> 'filter'")} end, ''
  from build b join job j on j.workspace_id = b.workspace_id and j.id = b.id
  where b.workspace_id = $1::uuid and j.state = 'RUNNING'
  order by "buildId" nulls first, kind, key`;
