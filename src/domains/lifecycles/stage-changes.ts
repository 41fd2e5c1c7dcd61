import type { ChangeActor, ChangeKind, MoveEvidence } from '../../engine/changes/kinds.ts';

/** A move between stages of one lifecycle. */
export interface StageChangeData extends MoveEvidence {
  /** The lifecycle's id and the version of its rules. */
  lifecycle: string;
  version: number;
  /** Stage keys; null where the customer had no stage yet. */
  from: string | null;
  /** Null only where new rules removed the customer's stage and match it in no other. */
  to: string | null;
  /** The rule of `to` as it was. */
  rule: unknown;
  /** Of a manual move: who made it and why. */
  actor?: ChangeActor;
  reason?: string;
}

declare module '../../engine/changes/kinds.ts' {
  interface ChangeData {
    STAGE_CHANGED: StageChangeData;
  }
  interface ReleasedPlacements {
    /** Stage keys by lifecycle. */
    places?: Record<string, string>;
  }
}

export const stageChangeKinds = ['STAGE_CHANGED'] as const satisfies readonly ChangeKind[];
