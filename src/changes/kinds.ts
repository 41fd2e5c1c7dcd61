/** Every kind of fact in the change log and its data. Adding a kind here is the only way to record it. */
export interface ChangeData {
  CUSTOMER_CREATED: Record<string, never>;
  /** `from` and `into` are customer ids; the change belongs to `into`. */
  CUSTOMER_MERGED: { merge: string; from: string; into: string };
  CUSTOMER_UNMERGED: { merge: string; from: string; into: string };
  STAGE_CHANGED: StageChangeData;
}

/** A move between stages of one lifecycle. */
export interface StageChangeData {
  /** The lifecycle's id and the version of its rules. */
  lifecycle: string;
  version: number;
  /** Stage keys; null where the customer had no stage yet. */
  from: string | null;
  to: string;
  /** The rule of `to` as it was. */
  rule: unknown;
  cause: 'EVENT' | 'MERGE' | 'UNMERGE';
  /** The evidence: the id of the event. */
  event: string | null;
  /** The event was older than what was already known of the customer. */
  late: boolean;
}

export type ChangeKind = keyof ChangeData;

export const changeKinds = [
  'CUSTOMER_CREATED',
  'CUSTOMER_MERGED',
  'CUSTOMER_UNMERGED',
  'STAGE_CHANGED',
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
