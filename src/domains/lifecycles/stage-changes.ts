import type { Change, ChangeActor, ChangeKind, MoveEvidence } from '../../engine/changes/kinds.ts';
import type { Topic } from '../../engine/changes/topic.ts';

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

/** Of a move its lifecycle and stages; of a merge the lifecycles whose counts it changes. */
export function stageTopics(change: Change): readonly Topic[] {
  if (change.kind === 'CUSTOMER_MERGED') {
    return Object.keys(change.data.places ?? {}).map((id): Topic => `lifecycle:${id}`);
  }
  if (change.kind !== 'STAGE_CHANGED') return [];
  const { lifecycle, from, to } = change.data;
  return [
    `lifecycle:${lifecycle}`,
    ...(from === null ? [] : [`from-stage:${lifecycle}/${from}` as const]),
    ...(to === null ? [] : [`to-stage:${lifecycle}/${to}` as const]),
  ];
}
