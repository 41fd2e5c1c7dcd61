/**
 * The kinds of changes with their payloads. A domain adds its kinds by interface merging and lists their names in its
 * extension; the engine stores and delivers their payloads without reading them:
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

/** The placements of a customer before it was merged into another one; each domain adds its own. */
// biome-ignore lint/suspicious/noEmptyInterface: filled in by the domains
export interface ReleasedPlacements {}

/** Why a customer moved; a domain may add causes. */
export interface MoveCauses {
  EVENT: true;
  CORRECTION: true;
  TIME: true;
  MERGE: true;
  UNMERGE: true;
  MANUAL: true;
  DEFINITION: true;
}

export type MoveCause = keyof MoveCauses;

/** The cause of a move. */
export interface MoveEvidence {
  cause: MoveCause;
  /** The id of the event. */
  event: string | null;
  /** The event was older than the customer's latest evaluation. */
  late: boolean;
}

/** The API key of a change by hand, with its name at that time. */
export interface ChangeActor {
  keyId: string;
  name: string;
}

export type ChangeKind = keyof ChangeData;

/** The kinds that the engine itself appends. */
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

/** A change to append, discriminated by `kind`. */
export type NewChange = { [K in ChangeKind]: Recorded<K> }[ChangeKind];

/** A change in the log: `position` is its dense number in the workspace, `recordedAt` the time of its recording. */
export type Change = NewChange & { position: bigint; recordedAt: Date };

declare module '../extensions.ts' {
  interface Extension {
    /** Their payloads are declared by merging into `ChangeData`. */
    changeKinds?: readonly ChangeKind[];
  }
}
