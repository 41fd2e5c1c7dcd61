import type { NewChange } from '../../engine/changes/kinds.ts';
import { resolveFilter } from '../../engine/conditions/resolve.ts';
import type { Vocabulary } from '../../engine/conditions/vocabulary.ts';
import type { Definition } from '../../engine/evaluation/definition.ts';
import { splitDifferences } from '../../engine/evaluation/differences.ts';
import type { DatedMove, Difference } from '../../engine/evaluation/outcome.ts';
import { keyColumns, placementColumns } from '../../engine/evaluation/placement-columns.ts';
import type { ResolvedRuleSet } from '../../engine/evaluation/rule-set.ts';
import type { RuleSetKind } from '../../engine/evaluation/rule-set-kind.ts';
import type { Transaction } from '../../platform/database.ts';
import { type Sql, sql, unnestRows } from '../../platform/sql.ts';
import { withStages } from './filter/lifecycle-vocabulary.ts';
import { releaseStages, restoreStages } from './merged-stages.ts';

/** The name of the rule sets that a lifecycle's stages are. */
export const lifecycleKind = 'LIFECYCLE';

/** The stages of lifecycles as rule sets, with their placements in `customer_stage`. */
export const stageRules: RuleSetKind = {
  name: lifecycleKind,

  selectDefinitions: (workspaceId) => sql`
    select l.id as "subjectId", l.version, null::uuid as "buildId", ${stagesFrom(sql`
      stage st where st.workspace_id = ${workspaceId}::uuid and st.lifecycle_id = l.id`)} as stages, l.key
    from lifecycle l where l.workspace_id = ${workspaceId}::uuid
      and exists (select from stage st where st.workspace_id = ${workspaceId}::uuid and st.lifecycle_id = l.id)
    union all
    select b.subject_id, b.version, b.id, ${stagesFrom(sql`rows from (
      jsonb_to_recordset(b.definition -> 'stages') as (key text, entry jsonb, stay jsonb)
    ) with ordinality as st (key, entry, stay, ordinal)`)}, ''
    from build b join job j on j.workspace_id = b.workspace_id and j.id = b.id
    where b.workspace_id = ${workspaceId}::uuid and j.state = 'RUNNING' and b.subject_kind = ${lifecycleKind}`,

  describe: ({ subjectId }, { lifecycles }) =>
    `lifecycle ${lifecycles.find(({ id }) => id === subjectId)?.key ?? subjectId}`,

  resolve: (vocabulary, definitions) => ({
    sets: definitions.map((definition) => resolveStages(definition, vocabulary)),
    store: (db, { differences }) => storePlacements(db, differences),
    toChange: stageChanged,
  }),

  selectPlacements: (workspaceId) => sql`
    select lifecycle_id::text as "setId", stage_key as "stageKey", since, left_at as "leftAt",
      pinned_until as "pinnedUntil", null::json as data
    from customer_stage where workspace_id = ${workspaceId}::uuid and customer_id = customer.id`,

  release: releaseStages,
  restore: restoreStages,
};

function stagesFrom(from: Sql): Sql {
  return sql`(select json_agg(
    json_build_object('key', st.key, 'entry', st.entry, 'stay', st.stay) order by st.ordinal)
    from ${from})`;
}

function resolveStages(
  { subjectId, version, buildId, stages }: Definition,
  vocabulary: Vocabulary,
): ResolvedRuleSet {
  const keys = stages.map(({ key }) => key);
  const own = withStages(vocabulary, subjectId, keys);
  const resolve = (filter: Definition['stages'][number]['entry']) =>
    resolveFilter(filter, own, 'rule', { ownLifecycleId: subjectId });
  return {
    id: buildId ?? subjectId,
    subjectId,
    version,
    buildId,
    appliesTo: 'ALL',
    // A customer that no rule matches stays in its stage.
    keepsUnmatched: true,
    stages: stages.map(({ key, entry, stay }) => ({
      key,
      filter: entry,
      entry: resolve(entry),
      stay: stay ? resolve(stay) : undefined,
    })),
  };
}

function stageChanged(customerId: string, move: DatedMove): NewChange | undefined {
  const { set, from, to, cause, eventId, late, at } = move;
  if (!to) return undefined;
  const data = {
    lifecycle: set.subjectId,
    version: set.version,
    from: from?.stageKey ?? null,
    to: to.key,
    rule: to.filter,
    cause,
    event: eventId,
    late,
  };
  return { kind: 'STAGE_CHANGED', customerId, at: new Date(at), data };
}

/** Stores the stages that customers have come to. A move by a rule ends a pin. */
function storePlacements(db: Transaction, differences: readonly Difference[]): void {
  const { placed } = splitDifferences(differences);
  if (placed.length === 0) return;
  db.send(sql`
    insert into customer_stage as placement
      (workspace_id, lifecycle_id, customer_id, stage_key, since, left_at)
    select ${db.workspaceId}, * from ${unnestRows('row', placed, { ...keyColumns, ...placementColumns })}
    on conflict (workspace_id, customer_id, lifecycle_id) do update
      set stage_key = excluded.stage_key, since = excluded.since, left_at = excluded.left_at,
        pinned_until = null`);
}
