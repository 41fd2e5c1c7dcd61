/**
 * Every kind of entry in the change log with its payload. A domain adds its kinds by interface merging and
 * hands their names to the engine in its extension, which records and delivers them without reading them:
 *
 *     declare module '../../engine/changes/kinds.ts' {
 *       interface ChangeData { SEGMENT_ENTERED: SegmentChangeData }
 *     }
 */
export interface ChangeData {
  CUSTOMER_CREATED: Record<string, never>;
  /** `from` and `into` are customer ids; the change belongs to `into`. */
  CUSTOMER_MERGED: { merge: string; from: string; into: string } & ReleasedPlacements;
  CUSTOMER_UNMERGED: { merge: string; from: string; into: string };
}

/** The placements that a customer had until it was merged into another one; each domain adds its own. */
// biome-ignore lint/suspicious/noEmptyInterface: filled in by the domains
export interface ReleasedPlacements {}

/** Why a customer moved; a domain may add causes of its own. */
export interface MoveCauses {
  EVENT: true;
  TIME: true;
  MERGE: true;
  UNMERGE: true;
  MANUAL: true;
  DEFINITION: true;
}

export type MoveCause = keyof MoveCauses;

/** What caused a move. */
export interface MoveEvidence {
  cause: MoveCause;
  /** The id of the event. */
  event: string | null;
  /** The event was older than what was already known of the customer. */
  late: boolean;
}

/** The key with which somebody made a change by hand, and the name it had then. */
export interface ChangeActor {
  keyId: string;
  name: string;
}

export type ChangeKind = keyof ChangeData;

/** The kinds that the engine itself records. */
export const customerChangeKinds = [
  'CUSTOMER_CREATED',
  'CUSTOMER_MERGED',
  'CUSTOMER_UNMERGED',
] as const satisfies readonly ChangeKind[];

interface Recorded<K extends ChangeKind> {
  kind: K;
  customerId: string;
  /** When it happened (event time). */
  at: Date;
  data: ChangeData[K];
}

/** A change to be recorded, discriminated by `kind`. */
export type NewChange = { [K in ChangeKind]: Recorded<K> }[ChangeKind];

/** A recorded change: `position` is its dense number in the workspace, `recordedAt` when we learned it. */
export type Change = NewChange & { position: bigint; recordedAt: Date };

declare module '../extensions.ts' {
  interface Extension {
    /** Their payloads are declared by merging into `ChangeData`. */
    changeKinds?: readonly ChangeKind[];
  }
}
