import type { ExecutionArgs } from 'graphql';
import type { RequestContext } from '../../../../schema/kernel/context.ts';
import type { EndReason } from './live-counts.ts';
import type { LiveStream } from './live-stream.ts';

/** Writes a subscription to its client. */
export interface Outlet {
  start(stream: LiveStream): void;
  hasStarted(): boolean;
  /** Calls `release` once it has ended. */
  whenEnded(release: () => void): void;
}

/** The schema's context with what the server adds. */
export interface OperationContext extends RequestContext {
  /** Writes the subscription; absent where it is pulled. */
  outlet: Outlet | undefined;
  /** Calls `end` when the key is revoked, and with an error when the server ends. Returns a function that deregisters. */
  onEnd(end: (reason: EndReason, error?: Error) => void): () => void;
  /** Aborts the operation; it fails with the reason. */
  abort(reason: Error): void;
  /** Whether a query has failed in the operation's transaction. */
  hasFailed(): boolean;
  /** Ends the operation's transaction. */
  end(): Promise<void>;
}

/** The operation of a subscription, without a context. */
export type Operation = Omit<ExecutionArgs, 'contextValue' | 'rootValue'>;
