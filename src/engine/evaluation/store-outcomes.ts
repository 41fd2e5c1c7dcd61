import { storeRisks } from '../../domains/churn/rules/store-risks.ts';
import { arrayText } from '../../platform/array-text.ts';
import type { Sql } from '../../platform/database.ts';
import type { Outcome } from './advance.ts';
import type { RuleSet, Rules } from './rules.ts';
import type { Held } from './standing.ts';

interface Difference {
  customerId: string;
  set: Pick<RuleSet, 'id' | 'kind' | 'buildId'>;
  held: Held | undefined;
}

/**
 * Writes where the customers have got to; what is as it was is not touched, but for the build `all`, whose
 * places are written whether they moved or not.
 */
export function storeOutcomes(
  sql: Sql,
  workspaceId: string,
  outcomes: readonly Outcome[],
  { all, riskModel }: { all?: string; riskModel?: Rules['riskModel'] } = {},
): void {
  if (riskModel) storeRisks(sql, workspaceId, riskModel, outcomes);
  const differences = outcomes.flatMap((outcome) => differencesOf(outcome, all));
  const of = (kind: RuleSet['kind']) =>
    differences.filter(({ set }) => set.kind === kind && set.buildId === null);
  upsertPlaces(sql, workspaceId, of('LIFECYCLE'));
  const memberships = of('SEGMENT');
  deleteMembers(sql, workspaceId, memberships.filter(isGone));
  insertMembers(
    sql,
    workspaceId,
    memberships.filter((one) => !isGone(one)),
  );
  const shadows = differences.filter(({ set }) => set.buildId !== null);
  deleteBuildPlaces(sql, workspaceId, shadows.filter(isGone));
  upsertBuildPlaces(
    sql,
    workspaceId,
    shadows.filter((one) => !isGone(one)),
  );
}

const isGone = ({ held }: Difference) => held === undefined;

/** What a customer holds now that it did not hold, or not in this way, before. */
function differencesOf(
  { customerId, moves, before, standing }: Outcome,
  all: string | undefined,
): Difference[] {
  const sets = new Map(moves.map(({ set }) => [set.id, set]));
  const moved = [...sets].flatMap(([id, set]) => {
    const held = standing.get(id);
    const isAsBefore = held === undefined && before.get(id) === undefined;
    return isAsBefore ? [] : [{ customerId, set, held }];
  });
  const kept = all !== undefined && !sets.has(all) ? standing.get(all) : undefined;
  return kept && all !== undefined
    ? [...moved, { customerId, set: { id: all, kind: 'LIFECYCLE', buildId: all }, held: kept }]
    : moved;
}

const customersOf = (rows: Difference[]) => arrayText(rows.map(({ customerId }) => customerId));
const setsOf = (rows: Difference[]) => arrayText(rows.map(({ set }) => set.id));
const sinceOf = (rows: Difference[]) =>
  arrayText(rows.map(({ held }) => new Date(held?.since ?? 0)));
const stagesOf = (rows: Difference[]) => rows.map(({ held }) => held?.stageKey ?? '');
const leftAtOf = (rows: Difference[]) =>
  rows.map(({ held }) =>
    JSON.stringify(
      Object.fromEntries(
        Object.entries(held?.leftAt ?? {}).map(([key, at]) => [key, new Date(at).toISOString()]),
      ),
    ),
  );

function upsertPlaces(sql: Sql, workspaceId: string, rows: Difference[]) {
  if (rows.length === 0) return;
  sql.send(
    `insert into customer_stage as place
       (workspace_id, customer_id, lifecycle_id, stage_key, since, left_at)
     select $1, * from unnest($2::uuid[], $3::uuid[], $4::text[], $5::timestamptz[], $6::jsonb[])
     on conflict (workspace_id, customer_id, lifecycle_id) do update
       set stage_key = excluded.stage_key, since = excluded.since, left_at = excluded.left_at,
         pinned_until = null`,
    [workspaceId, customersOf(rows), setsOf(rows), stagesOf(rows), sinceOf(rows), leftAtOf(rows)],
  );
}

function insertMembers(sql: Sql, workspaceId: string, rows: Difference[]) {
  if (rows.length === 0) return;
  sql.send(
    `insert into segment_member (workspace_id, segment_id, customer_id, since)
     select $1, * from unnest($2::uuid[], $3::uuid[], $4::timestamptz[])
     on conflict (workspace_id, segment_id, customer_id) do update set since = excluded.since`,
    [workspaceId, setsOf(rows), customersOf(rows), sinceOf(rows)],
  );
}

/** Found by the index, one by one: see `rowOfCustomer`. */
function deleteMembers(sql: Sql, workspaceId: string, rows: Difference[]) {
  if (rows.length === 0) return;
  sql.send(
    `delete from segment_member using unnest($2::uuid[], $3::uuid[]) as gone (segment_id, customer_id)
     cross join lateral (
       select m.ctid from segment_member m where m.workspace_id = $1
         and m.segment_id = gone.segment_id and m.customer_id = gone.customer_id offset 0) as found
     where workspace_id = $1 and segment_member.ctid = found.ctid`,
    [workspaceId, setsOf(rows), customersOf(rows)],
  );
}

function upsertBuildPlaces(sql: Sql, workspaceId: string, rows: Difference[]) {
  if (rows.length === 0) return;
  sql.send(
    `insert into build_place (workspace_id, build_id, customer_id, stage_key, since, left_at)
     select $1, * from unnest($2::uuid[], $3::uuid[], $4::text[], $5::timestamptz[], $6::jsonb[])
     on conflict (workspace_id, build_id, customer_id) do update
       set stage_key = excluded.stage_key, since = excluded.since, left_at = excluded.left_at`,
    [workspaceId, setsOf(rows), customersOf(rows), stagesOf(rows), sinceOf(rows), leftAtOf(rows)],
  );
}

function deleteBuildPlaces(sql: Sql, workspaceId: string, rows: Difference[]) {
  if (rows.length === 0) return;
  sql.send(
    `delete from build_place using unnest($2::uuid[], $3::uuid[]) as gone (build_id, customer_id)
     cross join lateral (
       select p.ctid from build_place p where p.workspace_id = $1
         and p.build_id = gone.build_id and p.customer_id = gone.customer_id offset 0) as found
     where workspace_id = $1 and build_place.ctid = found.ctid`,
    [workspaceId, setsOf(rows), customersOf(rows)],
  );
}
