import type { Filter } from '../../../engine/conditions/filter.ts';
import type { PendingDefinitions, Vocabulary } from '../../../engine/conditions/vocabulary.ts';
import { sql } from '../../../platform/sql.ts';

/** A lifecycle as filters refer to it. */
export interface NamedLifecycle {
  id: string;
  key: string;
  isDefault: boolean;
  stages: string[];
  /** The rules of its stages, on which placements in them depend. */
  rules: Filter[];
}

declare module '../../../engine/conditions/vocabulary.ts' {
  interface Vocabulary {
    lifecycles: NamedLifecycle[];
  }
}

declare module '../../../engine/conditions/filter-clause.ts' {
  interface FilterOwner {
    ownLifecycleId?: string | undefined;
  }
}

/** The lifecycles, for the vocabulary. */
export const selectLifecycles = sql`
  select coalesce(json_agg(json_build_object(
    'id', l.id, 'key', l.key, 'isDefault', l.is_default,
    'stages', coalesce((select json_agg(st.key order by st.ordinal) from stage st
      where st.workspace_id = w.id and st.lifecycle_id = l.id), '[]'),
    'rules', coalesce((select json_agg(rule) from stage st, unnest(array[st.entry, st.stay]) as rule
      where st.workspace_id = w.id and st.lifecycle_id = l.id and rule is not null), '[]'))
    order by l.key), '[]')
  from lifecycle l where l.workspace_id = w.id`;

/** Replaces the stages of a lifecycle in the vocabulary: the rules of a definition refer to its own stages. */
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

interface PendingLifecycle {
  stages?: ReadonlyArray<{ key: string; entry: Filter; stay: Filter | null }>;
}

/** Adds the references of pending stages, and removes the stages that will not exist any more. */
export const addPendingStages = (
  vocabulary: Vocabulary,
  pending: PendingDefinitions,
): Vocabulary => ({
  ...vocabulary,
  lifecycles: vocabulary.lifecycles.map((lifecycle) => {
    // Stored by `startBuild` from stages that were parsed.
    const { stages } = (pending.get(lifecycle.id) ?? {}) as PendingLifecycle;
    if (!stages) return lifecycle;
    const keys = stages.map(({ key }) => key);
    const rules = stages.flatMap(({ entry, stay }) => (stay ? [entry, stay] : [entry]));
    return {
      ...lifecycle,
      stages: lifecycle.stages.filter((key) => keys.includes(key)),
      rules: [...lifecycle.rules, ...rules],
    };
  }),
});
