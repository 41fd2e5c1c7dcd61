import type { Change, ChangeKind, MoveEvidence } from '../../../engine/changes/kinds.ts';
import type { Topic } from '../../../engine/changes/topic.ts';
import type { ScoreReason } from '../risk/reasons.ts';
import type { RiskBand } from '../risk/risk-model.ts';

/** The customer's churn risk at a change of it. */
interface RiskChangeData extends MoveEvidence {
  /** The version of the model. */
  version: number;
  /** P(no activity within the horizon) at that instant; null with no activity left. */
  score: number | null;
}

declare module '../../../engine/changes/kinds.ts' {
  interface MoveCauses {
    MODEL_REFIT: true;
  }
  interface ChangeData {
    CHURN_RISK_BAND_CHANGED: RiskChangeData & {
      /** Null where the customer was in none: before its first activity, or with none left. */
      from: RiskBand | null;
      to: RiskBand | null;
    };
    CHURN_RISK_FLAGGED: RiskChangeData & {
      band: RiskBand;
      logOdds: number;
      reasons: ScoreReason[];
      /** The customer's stage keys at that instant, by lifecycle. */
      stages: Record<string, string>;
    };
    CHURN_RISK_CLEARED: RiskChangeData;
  }
  interface ReleasedPlacements {
    /** The band of its risk, if it was assessed, and whether it was flagged. */
    risk?: { band: string; flagged: boolean };
  }
}

export const churnChangeKinds = [
  'CHURN_RISK_BAND_CHANGED',
  'CHURN_RISK_FLAGGED',
  'CHURN_RISK_CLEARED',
] as const satisfies readonly ChangeKind[];

/** Of a flag its band, the customer's stages at that time, and whether a new model caused it. */
export function churnTopics(change: Change): readonly Topic[] {
  if (change.kind !== 'CHURN_RISK_FLAGGED') return [];
  const { band, stages, cause } = change.data;
  return [
    `band:${band}`,
    `refit:${cause === 'MODEL_REFIT' ? 'yes' : 'no'}`,
    ...Object.entries(stages).map(([lifecycle, key]): Topic => `in-stage:${lifecycle}/${key}`),
  ];
}
