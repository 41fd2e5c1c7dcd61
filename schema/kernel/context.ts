import type { KeyRequest } from '../../src/access/keys.ts';
import type { Principal } from '../../src/access/principal.ts';
import type { Churn } from '../../src/domains/churn/create-churn.ts';
import type { Lifecycles } from '../../src/domains/lifecycles/create-lifecycles.ts';
import type { Segments } from '../../src/domains/segments/create-segments.ts';
import type { Tasks } from '../../src/domains/tasks/create-tasks.ts';
import type { Followed, Following, FollowRequest } from '../../src/engine/changes/hub.ts';
import type { Change, ChangeKind } from '../../src/engine/changes/kinds.ts';
import type { Start, StreamReset } from '../../src/engine/changes/resume.ts';
import type { EventResult } from '../../src/engine/ingestion/event.ts';
import type { Members } from '../../src/members/create-members.ts';
import type { Teams } from '../../src/members/create-teams.ts';
import type { Tx } from '../../src/platform/database.ts';
import type { Meter } from './cost.ts';

/** What one GraphQL operation (or one delivery of a subscription) may use. */
export interface RequestContext {
  /** Undefined when no key was presented: only introspection is answered then. */
  principal: Principal | undefined;
  /** The workspace of the principal; reading it without one refuses the operation. */
  workspaceId: string;
  now: () => Date;
  /** The operation's transaction, opened on first use, bound to the workspace, one snapshot. */
  tx: Tx;
  /** Aborts when the client has left or the operation has used up its time: whatever takes long ends with it. */
  signal: AbortSignal;
  /** Filled in while the operation is priced, before it starts. */
  meter: Meter;
  /** Ends the operation's transaction early; whoever waits for another transaction calls it first. */
  release(): Promise<void>;
  /** `Last-Event-ID` of a resumed event stream; goes before the argument `after`. */
  lastEventId: string | undefined;
  services: Services;
}

/** The domain's doors, handed over by the server. */
export interface Services {
  /** Takes tracking calls as received; one result per call, in order. */
  ingest(principal: Principal, calls: unknown[], now: Date): Promise<EventResult[]>;
  /** Where a stream that resumes from the cursor begins, or one that begins now, in the snapshot of the operation. */
  startAfter(workspaceId: string, cursor: string | undefined, tx: Tx): Promise<Start>;
  /** Follows the change log from there: first what was missed, then live. */
  follow(workspaceId: string, request: FollowRequest): Following;
  /**
   * One page of the change log, ascending, after the cursor or from the oldest change kept. `tx` is the
   * operation's own: read with it, and the page belongs to the same snapshot as the rest of the answer.
   */
  readChanges(workspaceId: string, request: ChangesRequest, tx: Tx): Promise<ChangesAnswer>;
  createKey(workspaceId: string, request: KeyRequest): Promise<NewKey>;
  revokeKey(workspaceId: string, keyId: string): Promise<void>;
  undoMerge(workspaceId: string, mergeId: string, now: Date): Promise<{ customerId: string }>;
  lifecycles: Lifecycles;
  segments: Segments;
  members: Members;
  teams: Teams;
  tasks: Tasks;
  churn: Churn;
}

export interface NewKey {
  id: string;
  key: string;
}

export type { Following, FollowRequest };

/** A change with its cursor, or the news that the cursor cannot be resumed from. */
export type FollowedChange = Followed;
export type PlacedChange = Extract<Followed, { change: Change }>;
export type Reset = Extract<Followed, { reset: StreamReset }>;
export type ResetReason = StreamReset['reason'];

export interface ChangesRequest {
  after: string | undefined;
  kinds: readonly ChangeKind[] | undefined;
  /** Only of customers that were in this segment at the time. */
  segmentId: string | undefined;
  first: number;
}

/** `cursor` is the place of the last change examined, wanted or not: the next page starts after it. */
export type ChangesAnswer = { changes: PlacedChange[]; cursor: string; hasMore: boolean } | Reset;
