import { requireInstant } from './subscription-event.ts';
import { renewalGrace, type SubscriptionState } from './subscription-history.ts';

/**
 * `IN_GRACE`: the renewal is overdue by less than 30 days. `LAPSED`: the 30 days are over. `CANCELLED`: from the
 * cancellation until the next start or renewal, even within a paid period.
 */
export type SubscriptionStatus = 'NONE' | 'ACTIVE' | 'IN_GRACE' | 'LAPSED' | 'CANCELLED';

export interface StatusAt {
  status: SubscriptionStatus;
  /** When the status changes without further events, in ms since 1970; null for never. */
  changesAt: number | null;
}

/**
 * The status at an instant, which must not precede the last event of the state.
 * @throws InvalidSubscription for an invalid instant
 */
export function statusAt({ periodEnd, cancelledAt }: SubscriptionState, at: number): StatusAt {
  requireInstant('The instant of a status', at);
  if (cancelledAt !== null) return { status: 'CANCELLED', changesAt: null };
  if (periodEnd === null) return { status: 'NONE', changesAt: null };
  if (at < periodEnd) return { status: 'ACTIVE', changesAt: periodEnd };
  const graceEnd = periodEnd + renewalGrace;
  if (at < graceEnd) return { status: 'IN_GRACE', changesAt: graceEnd };
  return { status: 'LAPSED', changesAt: null };
}
