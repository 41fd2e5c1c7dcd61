import type { HazardCase } from './hazard-design.ts';
import { measureRenewal, type RenewalMeasure } from './renewal-measures.ts';
import {
  isTermsEvent,
  requireInstant,
  type SubscriptionEvent,
  sortEvents,
} from './subscription-event.ts';
import {
  applyEvent,
  classifyTerms,
  noSubscription,
  renewalGrace,
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
  /** How long after it was due it came, 0 if earlier; null of one that was lost. In ms. */
  delay: number | null;
}

interface Opportunity {
  dueAt: number;
  /** Nothing at or after this instant may be known: the period's end, or the renewal where it came earlier. */
  cutOff: number;
  isLost: boolean;
  delay: number | null;
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
  requireInstant('The end of what is known', until);
  const rows: RenewalRow[] = [];
  for (const history of histories) {
    const steps = followEvents(history.events, timeZone);
    for (const step of steps) {
      const opportunity = findOpportunity(step);
      // What happens at or after `until` comes too late for a renewal whose 30 days were over by then.
      if (!opportunity || opportunity.dueAt + renewalGrace > until) continue;
      rows.push(toRow(history, opportunity, stateBefore(steps, opportunity.cutOff)));
    }
  }
  return rows;
}

/** An event and the state before it; at the end, the state after all of them. */
interface EventStep {
  before: SubscriptionState;
  event: SubscriptionEvent | null;
}

function followEvents(events: readonly SubscriptionEvent[], timeZone: string): EventStep[] {
  let state = noSubscription;
  const steps: EventStep[] = sortEvents(events).map((event) => {
    const before = state;
    state = applyEvent(before, event, timeZone);
    return { before, event };
  });
  return [...steps, { before: state, event: null }];
}

/** The renewal that a step decides: by an event, or so far by the lack of any more. */
function findOpportunity({ before, event }: EventStep): Opportunity | null {
  const dueAt = before.periodEnd;
  if (dueAt === null) return null;
  const lost = { dueAt, cutOff: dueAt, isLost: true, delay: null };
  if (!event) return lost;
  if (!isTermsEvent(event)) return null;
  const role = classifyTerms(before, event);
  if (role === 'CHANGE') return null;
  if (role === 'BEGINNING') return lost;
  const delay = Math.max(0, event.at - dueAt);
  return { dueAt, cutOff: Math.min(dueAt, event.at), isLost: false, delay };
}

const stateBefore = (steps: readonly EventStep[], instant: number): SubscriptionState =>
  steps.find(({ event }) => !event || event.at >= instant)?.before ?? noSubscription;

function toRow(
  { customer, activity }: SubscriptionHistory,
  { dueAt, cutOff, isLost, delay }: Opportunity,
  state: SubscriptionState,
): RenewalRow {
  const { plan, renewals } = state;
  const measures = measureRenewal(state, countUsage(state, activity, cutOff));
  // What is due has begun: measuring has made sure of it.
  const startedAt = state.startedAt ?? dueAt;
  return { customer, startedAt, dueAt, plan, renewals, measures, isLost, delay };
}
