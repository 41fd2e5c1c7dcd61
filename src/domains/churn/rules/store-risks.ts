import { maxSum } from '../../../engine/customers/money-sum.ts';
import type { Outcome } from '../../../engine/evaluation/advance.ts';
import type { Assessed, Held } from '../../../engine/evaluation/standing.ts';
import { arrayText } from '../../../platform/array-text.ts';
import type { Sql } from '../../../platform/database.ts';
import type { ActiveRiskModel } from '../filter/active-model.ts';
import { loadedTrajectory } from '../filter/risk-condition.ts';
import { bandPlace, flagPlace } from '../filter/risk-placements.ts';

interface RiskRow {
  customerId: string;
  band: Held;
  flaggedSince: number | undefined;
  assessed: Assessed;
  /** The score from each of these instants (ms) on; null where a formula says it. */
  steps: string | null;
  payments: string | null;
  lifetimeValue: number | null;
}

/** Writes the risk of those whose band, flag or activity is not what it was, or who met a new model; of subscribers, of all. */
export function storeRisks(
  sql: Sql,
  workspaceId: string,
  model: ActiveRiskModel,
  outcomes: readonly Outcome[],
): void {
  const rows = outcomes.flatMap((outcome) => toRow(model, outcome));
  upsertRisks(sql, workspaceId, rows);
  const gone = outcomes.filter(
    ({ before, standing }) => before.has(bandPlace) && !standing.has(bandPlace),
  );
  deleteRisks(sql, workspaceId, gone);
}

function toRow(model: ActiveRiskModel, { customerId, standing, moves, activity }: Outcome) {
  const band = standing.get(bandPlace);
  const course = band && loadedTrajectory(model, activity);
  if (!band || !course) return [];
  const { repeats: x, since: last } = course;
  const assessed = { modelId: model.id, x, last };
  const isMoved = moves.some(({ set }) => set.kind === 'RISK');
  // What is to come of a subscriber may change with anything it does.
  if (!course.steps && !isMoved && isSame(band.assessed, assessed)) return [];
  const lifetimeValue = limited(course.valueAt(course.since));
  const flaggedSince = standing.get(flagPlace)?.since;
  const steps = course.steps && JSON.stringify(course.steps);
  const payments = course.payments && JSON.stringify(course.payments);
  return [{ customerId, band, flaggedSince, assessed, steps, payments, lifetimeValue }];
}

/** As large as sums of money get; what a model expects of huge amounts is larger than its column. */
const limited = (value: number | null) => value && Math.min(value, Number(maxSum));

const isSame = (a: Assessed | undefined, b: Assessed) =>
  a?.modelId === b.modelId && a.x === b.x && a.last === b.last;

function upsertRisks(sql: Sql, workspaceId: string, rows: readonly RiskRow[]) {
  if (rows.length === 0) return;
  sql.send(insertRisks, [
    workspaceId,
    rows[0]?.assessed.modelId,
    arrayText(rows.map(({ customerId }) => customerId)),
    arrayText(rows.map(({ band }) => band.stageKey)),
    arrayText(rows.map(({ band }) => new Date(band.since))),
    arrayText(
      rows.map(({ flaggedSince: since }) => (since === undefined ? null : new Date(since))),
    ),
    arrayText(rows.map(({ assessed }) => assessed.x)),
    arrayText(rows.map(({ assessed }) => new Date(assessed.last))),
    arrayText(rows.map(({ lifetimeValue }) => lifetimeValue)),
    rows.map(({ steps }) => steps),
    rows.map(({ payments }) => payments),
  ]);
}

const insertRisks = `
  insert into customer_risk
    (workspace_id, model_id, customer_id, band, since, flagged_since, x, last_at, lifetime_value,
     steps, payments)
  select $1, $2, * from unnest($3::uuid[], $4::text[], $5::timestamptz[], $6::timestamptz[],
    $7::integer[], $8::timestamptz[], $9::bigint[], $10::jsonb[], $11::jsonb[])
  on conflict (workspace_id, customer_id) do update
    set model_id = excluded.model_id, band = excluded.band, since = excluded.since,
      flagged_since = excluded.flagged_since, x = excluded.x, last_at = excluded.last_at,
      lifetime_value = excluded.lifetime_value, steps = excluded.steps,
      payments = excluded.payments`;

function deleteRisks(sql: Sql, workspaceId: string, outcomes: readonly Outcome[]) {
  if (outcomes.length === 0) return;
  sql.send('delete from customer_risk where workspace_id = $1 and customer_id = any($2)', [
    workspaceId,
    outcomes.map(({ customerId }) => customerId),
  ]);
}
