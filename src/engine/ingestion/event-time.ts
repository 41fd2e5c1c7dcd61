import { msPerDay } from '../../platform/time/ms-per-day.ts';
import { EventError } from './event-error.ts';

/** The times of a tracking call in ms, by the clock of its sender except `receivedAt`. */
export interface ReportedTimes {
  timestamp?: number | null | undefined;
  /** The timestamp before a pipeline corrected it. */
  originalTimestamp?: number | null | undefined;
  sentAt?: number | null | undefined;
  /** When a pipeline that forwards the call received it, by the clock of the pipeline. */
  receivedAt?: number | null | undefined;
}

/** The receipt of a call by this server. */
export interface Receipt {
  now: Date;
  /** `sentAt` of the whole batch in ms. */
  batchSentAt: number | undefined;
}

export interface EventTime {
  occurredAt: Date;
  /** What the sender stated, if the event is dated otherwise. */
  reportedAt: Date | null;
}

const earliest = Date.UTC(1900, 0, 1);
/** A smaller difference between the clocks is indistinguishable from network latency. */
const skewToleranceMs = 5_000;

/**
 * Dates an event by our clock: corrects the error of the sender's clock, and dates a time that is still ahead at the
 * receipt, because every condition at the present instant would otherwise have to tell the future from the past.
 *
 * @throws EventError if the time is more than a day ahead, or before 1900
 */
export function dateEvent(times: ReportedTimes, receipt: Receipt): EventTime {
  const now = receipt.now.getTime();
  const stated = times.originalTimestamp ?? times.timestamp ?? undefined;
  const reported = stated ?? times.receivedAt ?? now;
  const at = stated === undefined ? reported : stated + clockCorrection(times, receipt);
  if (at > now + msPerDay) {
    throw new EventError('EVENT_IN_FUTURE', 'timestamp: lies more than 24 hours in the future');
  }
  if (at < earliest) throw new EventError('INVALID_EVENT', 'timestamp: lies before the year 1900');
  const occurredAt = new Date(Math.min(at, now));
  return { occurredAt, reportedAt: reported === occurredAt.getTime() ? null : new Date(reported) };
}

/**
 * What must be added to times by the sender's clock, in ms. A pipeline's `receivedAt` and the `sentAt` of the same call
 * show the error whenever the call arrives here; the `sentAt` of the batch is then that of the pipeline. Without
 * `receivedAt`, a `sentAt` ahead of our clock proves that the sender's clock is fast, and one in the past proves
 * nothing: the call may have been delivered late.
 */
function clockCorrection({ sentAt, receivedAt }: ReportedTimes, { now, batchSentAt }: Receipt) {
  const isForwarded = typeof receivedAt === 'number';
  const sent = sentAt ?? (isForwarded ? undefined : batchSentAt);
  if (sent === undefined) return 0;
  const skew = isForwarded ? receivedAt - sent : Math.min(now.getTime() - sent, 0);
  return Math.abs(skew) > skewToleranceMs ? skew : 0;
}
