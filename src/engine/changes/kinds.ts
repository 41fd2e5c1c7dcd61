import type { ScoreReason } from '../../domains/churn/risk/reasons.ts';
import type { RiskBand } from '../../domains/churn/risk/risk-model.ts';

/** Every kind of fact in the change log and its data. Adding a kind here is the only way to record it. */
export interface ChangeData {
  CUSTOMER_CREATED: Record<string, never>;
  /** `from` and `into` are customer ids; the change belongs to `into`. */
  CUSTOMER_MERGED: {
    merge: string;
    from: string;
    into: string;
    /** Where `from` was until then: stage keys by lifecycle, segments it was a member of, its risk. */
    places?: Record<string, string>;
    segments?: string[];
    risk?: { band: string; flagged: boolean };
  };
  CUSTOMER_UNMERGED: { merge: string; from: string; into: string };
  STAGE_CHANGED: StageChangeData;
  SEGMENT_ENTERED: SegmentChangeData;
  SEGMENT_LEFT: SegmentChangeData;
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

/** Why a customer moved. */
export type MoveCause =
  | 'EVENT'
  | 'TIME'
  | 'MERGE'
  | 'UNMERGE'
  | 'MANUAL'
  | 'DEFINITION'
  | 'MODEL_REFIT';

/** What brought a move about. */
interface MoveEvidence {
  cause: MoveCause;
  /** The evidence: the id of the event. */
  event: string | null;
  /** The event was older than what was already known of the customer. */
  late: boolean;
}

/** A customer came to meet a segment's filter, or meets it no more. */
export interface SegmentChangeData extends MoveEvidence {
  /** The segment's id and the version of its filter. */
  segment: string;
  version: number;
}

/** What is said of a customer's churn risk at a change of it. */
interface RiskChangeData extends MoveEvidence {
  /** The version of the model. */
  version: number;
  /** P(no activity within the horizon) at that instant; null with no activity left. */
  score: number | null;
}

/** A move between stages of one lifecycle. */
export interface StageChangeData extends MoveEvidence {
  /** The lifecycle's id and the version of its rules. */
  lifecycle: string;
  version: number;
  /** Stage keys; null where the customer had no stage yet. */
  from: string | null;
  /** Null only where new rules took the customer's stage away and hold for it in none. */
  to: string | null;
  /** The rule of `to` as it was. */
  rule: unknown;
  /** Of a manual move: who made it and why. */
  actor?: Actor;
  reason?: string;
}

/** Whoever did something by hand: the key it was done with, under the name it had then. */
export interface Actor {
  keyId: string;
  name: string;
}

export type ChangeKind = keyof ChangeData;

export const changeKinds = [
  'CUSTOMER_CREATED',
  'CUSTOMER_MERGED',
  'CUSTOMER_UNMERGED',
  'STAGE_CHANGED',
  'SEGMENT_ENTERED',
  'SEGMENT_LEFT',
  'CHURN_RISK_BAND_CHANGED',
  'CHURN_RISK_FLAGGED',
  'CHURN_RISK_CLEARED',
] as const satisfies readonly ChangeKind[];

interface Recorded<K extends ChangeKind> {
  kind: K;
  customerId: string;
  /** When it happened (event time). */
  at: Date;
  data: ChangeData[K];
}

/** A fact about to be recorded, discriminated by `kind`. */
export type NewChange = { [K in ChangeKind]: Recorded<K> }[ChangeKind];

/** A recorded fact: `position` is its dense number in the workspace, `recordedAt` when we learned it. */
export type Change = NewChange & { position: bigint; recordedAt: Date };
