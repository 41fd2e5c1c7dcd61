import type { Principal } from '../../src/access/principal.ts';
import type { Transaction, Tx } from '../../src/platform/database.ts';
import type { Meter } from './meter.ts';

/** What one GraphQL operation (or one delivery of a subscription) may use. */
export interface RequestContext {
  /** Undefined without a valid key: only introspection is allowed then. */
  principal: Principal | undefined;
  /** The workspace of the principal; empty without one. */
  workspaceId: string;
  /** The instant of the operation: the same for all its fields, until it writes. */
  now: () => Date;
  /** The operation's transaction, opened on first use, bound to the workspace, one snapshot. */
  tx: Tx;
  /** Runs `work` in a transaction that may write. Call `release` first. */
  write<T>(work: (db: Transaction) => Promise<T>): Promise<T>;
  /** Aborts when the client disconnects or the operation reaches its time limit. */
  signal: AbortSignal;
  /** Filled in while the cost of the operation is estimated, before it starts. */
  meter: Meter;
  /** Ends the operation's transaction early. Call it before waiting for another transaction. */
  release(): Promise<void>;
  /** `Last-Event-ID` of a resumed event stream. Takes precedence over the argument `after`. */
  lastEventId: string | undefined;
  services: Services;
}

/**
 * What the server provides to the resolvers. Each folder of the schema adds the services that it uses by
 * `declare module`, so that this file imports no domain.
 */
// biome-ignore lint/suspicious/noEmptyInterface: merged with the declarations of the folders
export interface Services {}
