import type { GraphQLError } from 'graphql';
import type { Delivery } from './delivery.ts';
import type { Member } from './group-view.ts';
import type { EndReason } from './live-counts.ts';

/** What a subscription is delivered. */
export interface LiveStream {
  /** Resumes at the start; undefined where a state is delivered first, which the changes need. */
  cursor: string | undefined;
  /** The state at the start, or the reset. */
  first(): Promise<readonly Delivery[]>;
  /** Joins those that are delivered the same; undefined after a reset, which is the last delivery. */
  join: ((wake: () => void) => Member) | undefined;
  /** What its client is told of a failure, and the cursor to resume from. */
  toClientError(error: Error, cursor: string | undefined): GraphQLError;
  /** Counts its end. */
  onEnd(reason: EndReason): void;
}
