import type { NewChange } from '../../engine/changes/kinds.ts';
import { resolveFilter } from '../../engine/conditions/resolve.ts';
import type { Vocabulary } from '../../engine/conditions/vocabulary.ts';
import type { Definition } from '../../engine/evaluation/definition.ts';
import { type PlacedDifference, splitDifferences } from '../../engine/evaluation/differences.ts';
import type { DatedMove, Difference } from '../../engine/evaluation/outcome.ts';
import { keyColumns, placementColumns } from '../../engine/evaluation/placement-columns.ts';
import type { ResolvedRuleSet } from '../../engine/evaluation/rule-set.ts';
import type { RuleSetKind } from '../../engine/evaluation/rule-set-kind.ts';
import type { Transaction } from '../../platform/database.ts';
import { type Sql, sql, unnestRows } from '../../platform/sql.ts';
import { restoreMemberships } from './list-entries.ts';
import { releaseMemberships } from './release-memberships.ts';

/** The name of the rule sets that segments with a filter are. */
export const segmentKind = 'SEGMENT';

/** Segments with a filter as rule sets, with their placements in `segment_member`. */
export const membershipRules: RuleSetKind = {
  name: segmentKind,

  selectDefinitions: (workspaceId) => sql`
    select s.id as "subjectId", s.version, null::uuid as "buildId", ${stageOf(sql`s.filter`)} as stages, s.key
    from segment s where s.workspace_id = ${workspaceId}::uuid and s.filter is not null
    union all
    select b.subject_id, b.version, b.id, ${stageOf(sql`b.definition -> 'filter'`)}, ''
    from build b join job j on j.workspace_id = b.workspace_id and j.id = b.id
    where b.workspace_id = ${workspaceId}::uuid and j.state = 'RUNNING' and b.subject_kind = ${segmentKind}`,

  describe: ({ subjectId }, { segments }) =>
    `segment ${segments.find(({ id }) => id === subjectId)?.key ?? subjectId}`,

  resolve: (vocabulary, definitions) => ({
    sets: definitions.map((definition) => resolveMembers(definition, vocabulary)),
    store: (db, { differences }) => storeMemberships(db, differences),
    toChange: membershipChanged,
  }),

  selectPlacements: (workspaceId, sets) =>
    sets.length === 0
      ? undefined
      : sql`
          select segment_id::text as "setId", '' as "stageKey", since, null::jsonb as "leftAt",
            null::timestamptz as "pinnedUntil", null::json as data
          from segment_member
          where workspace_id = ${workspaceId}::uuid and customer_id = customer.id
            and segment_id = any(${sets.map(({ id }) => id)}::uuid[])`,

  release: releaseMemberships,
  restore: restoreMemberships,
};

function stageOf(filter: Sql): Sql {
  return sql`json_build_array(json_build_object('key', '', 'entry', ${filter}, 'stay', null))`;
}

function resolveMembers(
  { subjectId, version, buildId, stages }: Definition,
  vocabulary: Vocabulary,
): ResolvedRuleSet {
  const ownSegmentKey = vocabulary.segments.find(({ id }) => id === subjectId)?.key;
  return {
    id: buildId ?? subjectId,
    subjectId,
    version,
    buildId,
    appliesTo: 'ALL',
    keepsUnmatched: false,
    stages: stages.map(({ key, entry }) => ({
      key,
      filter: entry,
      entry: resolveFilter(entry, vocabulary, 'rule', { ownSegmentKey }),
      stay: undefined,
    })),
  };
}

function membershipChanged(customerId: string, move: DatedMove): NewChange {
  const { set, to, cause, eventId, late, at } = move;
  const data = { segment: set.subjectId, version: set.version, cause, event: eventId, late };
  const kind = to ? 'SEGMENT_ENTERED' : 'SEGMENT_LEFT';
  return { kind, customerId, at: new Date(at), data };
}

/** Stores who entered or left segments. */
function storeMemberships(db: Transaction, differences: readonly Difference[]): void {
  const { placed, removed } = splitDifferences(differences);
  deleteMembers(db, removed);
  insertMembers(db, placed);
}

function insertMembers(db: Transaction, rows: readonly PlacedDifference[]) {
  if (rows.length === 0) return;
  db.send(
    sql`insert into segment_member (workspace_id, segment_id, customer_id, since)
     select ${db.workspaceId}, * from ${unnestRows('row', rows, { ...keyColumns, since: placementColumns.since })}
     on conflict (workspace_id, segment_id, customer_id) do update set since = excluded.since`,
  );
}

/** Looked up by the index, row by row: see `rowOfCustomer`. */
function deleteMembers(db: Transaction, rows: readonly Difference[]) {
  if (rows.length === 0) return;
  db.send(
    sql`delete from segment_member using ${unnestRows('gone', rows, keyColumns)}
     cross join lateral (
       select m.ctid from segment_member m where m.workspace_id = ${db.workspaceId}
         and m.segment_id = gone.set_id and m.customer_id = gone.customer_id offset 0) as found
     where workspace_id = ${db.workspaceId} and segment_member.ctid = found.ctid`,
  );
}
