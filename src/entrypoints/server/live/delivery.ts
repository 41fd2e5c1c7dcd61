import type { ExecutionResult } from 'graphql';
import { publicResult } from './public-result.ts';

/** A result of a subscription, serialised once for all subscribers that are delivered it. */
export interface Delivery {
  /** Its position in the log; undefined for a state and for a reset. */
  position: bigint | undefined;
  /** Resumes after it; undefined where there is nothing to resume from. */
  cursor: string | undefined;
  /** When its change was recorded. */
  recordedAt: Date | undefined;
  /** The result as JSON in UTF-8. */
  payload: Buffer;
}

export const encodeResult = (result: ExecutionResult): Buffer =>
  Buffer.from(JSON.stringify(publicResult(result)));

/** What a pulled stream yields: a delivery, or without one a heartbeat that only tells the cursor. */
export class StreamResult implements ExecutionResult {
  readonly delivery: Delivery | undefined;
  readonly extensions: { cursor?: string };

  constructor(delivery: Delivery | undefined, cursor = delivery?.cursor) {
    this.delivery = delivery;
    this.extensions = cursor === undefined ? {} : { cursor };
  }
}

/** The JSON of a result; undefined for a heartbeat. */
export const payloadOf = (result: ExecutionResult): Buffer | undefined =>
  result instanceof StreamResult ? result.delivery?.payload : encodeResult(result);
