import type { HazardCase } from './hazard-design.ts';
import { measureRenewal, type RenewalMeasure } from './renewal-measures.ts';
import {
  demandInstant,
  isTermsEvent,
  type SubscriptionEvent,
  sortEvents,
} from './subscription-event.ts';
import {
  applyEvent,
  noSubscription,
  renewalGrace,
  roleOf,
  type SubscriptionState,
} from './subscription-history.ts';
import { type ActivityCount, countUsage } from './usage.ts';

/** All that is known of one customer. */
export interface SubscriptionHistory {
  customer: string;
  events: readonly SubscriptionEvent[];
  activity: readonly ActivityCount[];
}

/** A renewal that was due, with what was known just before, and whether it came. */
export interface RenewalRow extends HazardCase<RenewalMeasure> {
  customer: string;
  /** When the unbroken subscription began; in ms since 1970. */
  startedAt: number;
  /** In ms since 1970. */
  dueAt: number;
  /** Made before. */
  renewals: number;
}

interface Opportunity {
  dueAt: number;
  /** Nothing at or after this instant may be known: the period's end, or the renewal where it came earlier. */
  cutOff: number;
  isLost: boolean;
}

/**
 * The person-period table of a discrete-time hazard: a row per renewal that was decided `until` an instant,
 * per customer from the first on. It is lost when nothing renews it within 30 days after it was due, as in
 * KKBox's label. Events and activity at or after `until` count for nothing.
 *
 * A renewal counts as decided once its 30 days are over, even if it came at once: otherwise the latest
 * renewals would be in the table and the latest losses not yet.
 * @throws InvalidSubscription, InvalidArgument for an event, activity or time zone that cannot be
 */
export function renewalRows(
  histories: Iterable<SubscriptionHistory>,
  { until, timeZone }: { until: number; timeZone: string },
): RenewalRow[] {
  demandInstant('The end of what is known', until);
  const rows: RenewalRow[] = [];
  for (const history of histories) {
    const events = sortEvents(history.events);
    // What happens at or after `until` comes too late for a renewal whose 30 days were over by then.
    const decided = findOpportunities(events, timeZone).filter(
      ({ dueAt }) => dueAt + renewalGrace <= until,
    );
    const asOf = createLaggingFold(events, timeZone);
    for (const opportunity of decided) {
      rows.push(toRow(history, opportunity, asOf(opportunity.cutOff)));
    }
  }
  return rows;
}

/** Every renewal that was ever due, in the order of the events; the last one is lost so far. */
function findOpportunities(events: readonly SubscriptionEvent[], timeZone: string): Opportunity[] {
  const found: Opportunity[] = [];
  let state = noSubscription;
  for (const event of events) {
    const dueAt = state.periodEnd;
    if (dueAt !== null && isTermsEvent(event)) {
      const role = roleOf(state, event);
      if (role === 'BEGINNING') found.push({ dueAt, cutOff: dueAt, isLost: true });
      if (role === 'RENEWAL') {
        found.push({ dueAt, cutOff: Math.min(dueAt, event.at), isLost: false });
      }
    }
    state = applyEvent(state, event, timeZone);
  }
  const dueAt = state.periodEnd;
  if (dueAt !== null) found.push({ dueAt, cutOff: dueAt, isLost: true });
  return found;
}

/** The state before an instant; the instants asked for must not fall. */
function createLaggingFold(events: readonly SubscriptionEvent[], timeZone: string) {
  let state = noSubscription;
  let next = 0;
  return (before: number): SubscriptionState => {
    for (let event = events[next]; event && event.at < before; event = events[next]) {
      state = applyEvent(state, event, timeZone);
      next += 1;
    }
    return state;
  };
}

function toRow(
  { customer, activity }: SubscriptionHistory,
  { dueAt, cutOff, isLost }: Opportunity,
  state: SubscriptionState,
): RenewalRow {
  const { plan, renewals } = state;
  const measures = measureRenewal(state, countUsage(state, activity, cutOff));
  // What is due has begun: measuring has made sure of it.
  const startedAt = state.startedAt ?? dueAt;
  return { customer, startedAt, dueAt, plan, renewals, measures, isLost };
}
