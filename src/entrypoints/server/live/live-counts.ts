import type { StreamReset } from '../../../engine/changes/resume.ts';
import type { Taken } from './group-view.ts';

type ResetReason = StreamReset['reason'];

export const resetReasons: readonly ResetReason[] = ['UNKNOWN_LOG', 'TOO_OLD', 'AHEAD_OF_LOG'];

export const endReasons = ['CLIENT', 'REVOKED', 'TOO_SLOW', 'ERROR', 'SHUTDOWN'] as const;

/** Why a subscription ended. */
export type EndReason = (typeof endReasons)[number];

/**
 * Counts since the start. Each delivery that was due to a subscription was sent from what its group keeps, resumed from
 * the log, missed at its end, or is waiting: `due` = `sent` + `resumed` + `missed` + waiting.
 */
export interface LiveCounts {
  due: number;
  sent: number;
  resumed: number;
  /** Were waiting when their subscription ended; its client resumes before them. */
  missed: number;
  /** Results that were executed and serialised. */
  executed: number;
  /** Subscriptions that began at a cursor. */
  resumptions: number;
  resets: Record<ResetReason, number>;
  ends: Record<EndReason, number>;
  /** So many became due: deliveries times the members that they are for. */
  onProduced(due: number): void;
  onTaken(taken: Taken): void;
  onLeft(waiting: number): void;
}

export function createLiveCounts(): LiveCounts {
  const counts: LiveCounts = {
    due: 0,
    sent: 0,
    resumed: 0,
    missed: 0,
    executed: 0,
    resumptions: 0,
    resets: { UNKNOWN_LOG: 0, TOO_OLD: 0, AHEAD_OF_LOG: 0 },
    ends: { CLIENT: 0, REVOKED: 0, TOO_SLOW: 0, ERROR: 0, SHUTDOWN: 0 },
    onProduced(due) {
      counts.due += due;
    },
    onTaken({ count, live, isPast }) {
      // Those from before it joined became due with this.
      counts.due += count - live;
      counts[isPast ? 'resumed' : 'sent'] += count;
    },
    onLeft(waiting) {
      counts.missed += waiting;
    },
  };
  return counts;
}
