import { requireInstant } from './subscription-event.ts';
import { renewalGrace, type SubscriptionState } from './subscription-history.ts';

/**
 * `IN_GRACE`: the renewal is due and has not come, for less than 30 days. `LAPSED`: the 30 days are over.
 * `CANCELLED`: from the cancellation on, whatever was paid for, until somebody renews or starts again.
 */
export type SubscriptionStatus = 'NONE' | 'ACTIVE' | 'IN_GRACE' | 'LAPSED' | 'CANCELLED';

export interface StatusAt {
  status: SubscriptionStatus;
  /** When, without any further event, the status becomes another; null for never. In ms since 1970. */
  changesAt: number | null;
}

/**
 * The status at an instant, at or after the last event of the state.
 * @throws InvalidSubscription unless it is an instant
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
