import type { Principal, Scope } from '../src/access/principal.ts';
import type { Change, ChangeKind } from '../src/changes/kinds.ts';
import type { EventResult } from '../src/ingestion/event.ts';
import type { Tx } from '../src/platform/database.ts';

/** What one GraphQL operation (or one delivery of a subscription) may use. */
export interface RequestContext {
  /** Undefined when no key was presented: only introspection is answered then. */
  principal: Principal | undefined;
  /** The workspace of the principal; reading it without one refuses the operation. */
  workspaceId: string;
  now: () => Date;
  /** The operation's transaction, opened on first use, bound to the workspace, one snapshot. */
  tx: Tx;
  /** Ends the operation's transaction early; whoever waits for another transaction calls it first. */
  release(): Promise<void>;
  /** `Last-Event-ID` of a resumed event stream; goes before the argument `after`. */
  lastEventId: string | undefined;
  /** Remembers where this delivery stands, for `extensions.cursor` and the event id over SSE. */
  services: Services;
}

/** The domain's doors, handed over by the server. */
export interface Services {
  /** Takes tracking calls as received; one result per call, in order. */
  ingest(principal: Principal, calls: unknown[], now: Date): Promise<EventResult[]>;
  /** Follows the change log from a cursor (or from now), first what was missed, then live. */
  follow(workspaceId: string, request: FollowRequest): AsyncIterableIterator<FollowedChange>;
  createKey(workspaceId: string, request: { name: string; scopes: Scope[] }): Promise<NewKey>;
  revokeKey(workspaceId: string, keyId: string): Promise<void>;
  undoMerge(workspaceId: string, mergeId: string, now: Date): Promise<{ customerId: string }>;
}

export interface NewKey {
  id: string;
  key: string;
}

export interface FollowRequest {
  after: string | undefined;
  kinds: readonly ChangeKind[] | undefined;
  /** Decides on the change row alone. */
  matches?: (change: Change) => boolean;
}

/** A change with its cursor, or the news that the cursor cannot be resumed from. */
export type FollowedChange =
  | { change: Change; cursor: string }
  | { reset: { reason: 'UNKNOWN_LOG' | 'TOO_OLD' | 'AHEAD_OF_LOG'; cursor: string; at: Date } };
