import { maxSum } from '../../../engine/customers/money-sum.ts';
import type { EvaluationOutcome, Placement } from '../../../engine/evaluation/outcome.ts';
import type { Transaction } from '../../../platform/database.ts';
import { type RowColumns, sql, unnestRows } from '../../../platform/sql.ts';
import type { ActiveRiskModel } from '../filter/active-model.ts';
import { rowTrajectory } from '../filter/risk-condition.ts';
import { bandRuleSet, flagRuleSet } from '../filter/risk-placements.ts';

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
  db: Transaction,
  model: ActiveRiskModel,
  outcomes: readonly EvaluationOutcome[],
): void {
  const rows = outcomes.flatMap((outcome) => toRow(model, outcome));
  upsertRisks(db, rows);
  const gone = outcomes.filter(
    ({ before, placements }) => before.has(bandRuleSet) && !placements.has(bandRuleSet),
  );
  deleteRisks(db, gone);
}

function toRow(
  model: ActiveRiskModel,
  { customerId, placements, moves, row }: EvaluationOutcome,
): RiskRow[] {
  const band = placements.get(bandRuleSet);
  const trajectory = band && rowTrajectory(model, row);
  if (!band || !trajectory) return [];
  const { repeats: x, since: last } = trajectory;
  const assessment = { modelId: model.id, x, last };
  const isMoved = moves.some(({ set: { id } }) => id === bandRuleSet || id === flagRuleSet);
  // The outlook of a subscriber may change with anything it does.
  if (!trajectory.steps && !isMoved && isSame(band.data, assessment)) return [];
  const lifetimeValue = limited(trajectory.valueAt(trajectory.since));
  const flaggedSince = placements.get(flagRuleSet)?.since;
  const steps = trajectory.steps && JSON.stringify(trajectory.steps);
  const payments = trajectory.payments && JSON.stringify(trajectory.payments);
  return [{ customerId, band, flaggedSince, assessment, steps, payments, lifetimeValue }];
}

/** What a model expects of huge amounts would not fit into its column. */
const limited = (value: number | null) => value && Math.min(value, Number(maxSum));

/** `stored` is what `riskRules` selects with the placement; a band that was just entered has none. */
function isSame(stored: unknown, { modelId, x, last }: Assessment): boolean {
  const assessment = stored as Assessment | undefined;
  return assessment?.modelId === modelId && assessment.x === x && assessment.last === last;
}

const riskColumns: RowColumns<RiskRow> = {
  customer_id: ['uuid', ({ customerId }) => customerId],
  band: ['text', ({ band }) => band.stageKey],
  since: ['timestamptz', ({ band }) => new Date(band.since)],
  flagged_since: [
    'timestamptz',
    ({ flaggedSince: ms }) => (ms === undefined ? null : new Date(ms)),
  ],
  x: ['integer', ({ assessment }) => assessment.x],
  last_at: ['timestamptz', ({ assessment }) => new Date(assessment.last)],
  lifetime_value: ['bigint', ({ lifetimeValue }) => lifetimeValue],
  steps: ['jsonb', ({ steps }) => steps],
  payments: ['jsonb', ({ payments }) => payments],
};

function upsertRisks(db: Transaction, rows: readonly RiskRow[]) {
  if (rows.length === 0) return;
  db.send(sql`
    insert into customer_risk
      (workspace_id, model_id, customer_id, band, since, flagged_since, x, last_at, lifetime_value,
       steps, payments)
    select ${db.workspaceId}, ${rows[0]?.assessment.modelId}, *
    from ${unnestRows('row', rows, riskColumns)}
    on conflict (workspace_id, customer_id) do update
      set model_id = excluded.model_id, band = excluded.band, since = excluded.since,
        flagged_since = excluded.flagged_since, x = excluded.x, last_at = excluded.last_at,
        lifetime_value = excluded.lifetime_value, steps = excluded.steps,
        payments = excluded.payments`);
}

function deleteRisks(db: Transaction, outcomes: readonly EvaluationOutcome[]) {
  if (outcomes.length === 0) return;
  db.send(sql`
    delete from customer_risk
      where workspace_id = ${db.workspaceId}
        and customer_id = any(${outcomes.map(({ customerId }) => customerId)})`);
}
