import { maxSum } from '../../../engine/customers/money-sum.ts';
import type { EvaluationOutcome, Placement } from '../../../engine/evaluation/outcome.ts';
import { arrayText } from '../../../platform/array-text.ts';
import type { Sql } from '../../../platform/database.ts';
import type { ActiveRiskModel } from '../filter/active-model.ts';
import { courseOfRow } from '../filter/risk-condition.ts';
import { bandPlace, flagPlace } from '../filter/risk-placements.ts';

/** What a customer's risk was assessed by. */
interface Assessment {
  modelId: string;
  x: number;
  last: number;
}

interface RiskRow {
  customerId: string;
  band: Placement;
  flaggedSince: number | undefined;
  assessment: Assessment;
  /** The score from each of these instants (ms) on; null where a formula gives it. */
  steps: string | null;
  payments: string | null;
  lifetimeValue: number | null;
}

/** Upserts risk rows whose band, flag, activity or model changed; those of subscribers always. */
export function storeRisks(
  sql: Sql,
  workspaceId: string,
  model: ActiveRiskModel,
  outcomes: readonly EvaluationOutcome[],
): void {
  const rows = outcomes.flatMap((outcome) => toRow(model, outcome));
  upsertRisks(sql, workspaceId, rows);
  const gone = outcomes.filter(
    ({ before, placements }) => before.has(bandPlace) && !placements.has(bandPlace),
  );
  deleteRisks(sql, workspaceId, gone);
}

function toRow(
  model: ActiveRiskModel,
  { customerId, placements, moves, row }: EvaluationOutcome,
): RiskRow[] {
  const band = placements.get(bandPlace);
  const course = band && courseOfRow(model, row);
  if (!band || !course) return [];
  const { repeats: x, since: last } = course;
  const assessment = { modelId: model.id, x, last };
  const isMoved = moves.some(({ set: { id } }) => id === bandPlace || id === flagPlace);
  // The outlook of a subscriber may change with anything it does.
  if (!course.steps && !isMoved && isSame(band.data, assessment)) return [];
  const lifetimeValue = limited(course.valueAt(course.since));
  const flaggedSince = placements.get(flagPlace)?.since;
  const steps = course.steps && JSON.stringify(course.steps);
  const payments = course.payments && JSON.stringify(course.payments);
  return [{ customerId, band, flaggedSince, assessment, steps, payments, lifetimeValue }];
}

/** What a model expects of huge amounts would not fit into its column. */
const limited = (value: number | null) => value && Math.min(value, Number(maxSum));

/** `stored` is what `riskRules` selects with the placement; a band that was just entered has none. */
function isSame(stored: unknown, { modelId, x, last }: Assessment): boolean {
  const assessment = stored as Assessment | undefined;
  return assessment?.modelId === modelId && assessment.x === x && assessment.last === last;
}

function upsertRisks(sql: Sql, workspaceId: string, rows: readonly RiskRow[]) {
  if (rows.length === 0) return;
  sql.send(insertRisks, [
    workspaceId,
    rows[0]?.assessment.modelId,
    arrayText(rows.map(({ customerId }) => customerId)),
    arrayText(rows.map(({ band }) => band.stageKey)),
    arrayText(rows.map(({ band }) => new Date(band.since))),
    arrayText(
      rows.map(({ flaggedSince: since }) => (since === undefined ? null : new Date(since))),
    ),
    arrayText(rows.map(({ assessment }) => assessment.x)),
    arrayText(rows.map(({ assessment }) => new Date(assessment.last))),
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

function deleteRisks(sql: Sql, workspaceId: string, outcomes: readonly EvaluationOutcome[]) {
  if (outcomes.length === 0) return;
  sql.send('delete from customer_risk where workspace_id = $1 and customer_id = any($2)', [
    workspaceId,
    outcomes.map(({ customerId }) => customerId),
  ]);
}
