import type { Transaction } from '../../platform/database.ts';
import { emptySql, joinSql, type Sql, sql } from '../../platform/sql.ts';
import { installedExtensions } from '../extensions.ts';
import type { Filter } from './filter.ts';

/** What a filter may refer to by name. Domains add what their clauses refer to by interface merging. */
export interface Vocabulary {
  timeZone: string;
  segments: SegmentName[];
  lifecycles: LifecycleName[];
}

declare module '../extensions.ts' {
  interface Extension {
    /** What the domain adds to the vocabulary: by name, a select of one JSON value for the workspace `w`. */
    vocabulary?: Readonly<Record<string, Sql>>;
  }
}

export interface SegmentName {
  id: string;
  key: string;
  /** Null for a list kept by hand. */
  filter: Filter | null;
}

export interface LifecycleName {
  id: string;
  key: string;
  isDefault: boolean;
  stages: string[];
  /** The rules of its stages: what its places depend on. */
  rules: Filter[];
}

/** The same where a lifecycle has these stages: for the rules of a definition that brings them along. */
export const withStages = (
  vocabulary: Vocabulary,
  lifecycleId: string,
  stages: string[],
): Vocabulary => ({
  ...vocabulary,
  lifecycles: vocabulary.lifecycles.map((lifecycle) =>
    lifecycle.id === lifecycleId ? { ...lifecycle, stages } : lifecycle,
  ),
});

export async function loadVocabulary(db: Transaction): Promise<Vocabulary> {
  const { rows } = await db.query<{ vocabulary: Vocabulary }>(selectVocabulary(db.workspaceId));
  const [row] = rows;
  if (!row) throw new Error('The workspace does not exist');
  return row.vocabulary;
}

const selectVocabulary = (workspaceId: string) => sql`
  select json_build_object(
    'timeZone', w.time_zone,
    'segments', coalesce((
      select json_agg(json_build_object('id', s.id, 'key', s.key, 'filter', s.filter) order by s.key)
      from segment s where s.workspace_id = ${workspaceId}::uuid), '[]'),
    'lifecycles', coalesce((
      select json_agg(json_build_object(
        'id', l.id, 'key', l.key, 'isDefault', l.is_default,
        'stages', coalesce((select json_agg(st.key order by st.ordinal) from stage st
          where st.workspace_id = ${workspaceId}::uuid and st.lifecycle_id = l.id), '[]'),
        'rules', coalesce((select json_agg(rule) from stage st, unnest(array[st.entry, st.stay]) as rule
          where st.workspace_id = ${workspaceId}::uuid and st.lifecycle_id = l.id and rule is not null), '[]'))
        order by l.key)
      from lifecycle l where l.workspace_id = ${workspaceId}::uuid), '[]')${selectAdded()}
  ) as vocabulary
  from workspace w where w.id = ${workspaceId}::uuid`;

/** What the domains add, as further arguments of json_build_object(). */
const selectAdded = () => {
  const added = installedExtensions().flatMap(({ vocabulary = {} }) => Object.entries(vocabulary));
  const parts = added.map(([name, select]) => sql`, ${name}::text, (${select})`);
  return joinSql([emptySql, ...parts], '');
};
