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

/** The subscription events and the activity of one customer. */
export interface SubscriptionHistory {
  customer: string;
  events: readonly SubscriptionEvent[];
  activity: readonly ActivityCount[];
}

/** A due renewal, the measures known just before it, and whether it came. */
export interface RenewalRow extends HazardCase<RenewalMeasure> {
  customer: string;
  /** When the unbroken subscription began; in ms since 1970. */
  startedAt: number;
  /** In ms since 1970. */
  dueAt: number;
  /** Number of renewals made before. */
  renewals: number;
  /** Time from the due date to the renewal in ms, 0 if it was early; null if it was lost. */
  delay: number | null;
}

interface Opportunity {
  dueAt: number;
  /** Data at or after this instant must not be used: the period's end, or the renewal if it came earlier. */
  cutOff: number;
  isLost: boolean;
  delay: number | null;
}

/**
 * The person-period table of a discrete-time hazard: one row for each renewal of a customer that was decided
 * before `until`. A renewal is lost if it does not come within 30 days after the due date, as in KKBox's label.
 * Events and activity at or after `until` are ignored.
 *
 * A renewal counts as decided when its 30 days are over, even if it came on time: otherwise the table would
 * contain the latest renewals but not the latest losses.
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
      // Events at or after `until` cannot affect a renewal whose 30 days were over before.
      if (!opportunity || opportunity.dueAt + renewalGrace > until) continue;
      rows.push(toRow(history, opportunity, stateBefore(steps, opportunity.cutOff)));
    }
  }
  return rows;
}

/** An event and the state before it; the last step has no event and the final state. */
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

/** The renewal that a step decides, by its event or, at the end, by the lack of one. */
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
  // `measureRenewal` has checked that the subscription has started.
  const startedAt = state.startedAt ?? dueAt;
  return { customer, startedAt, dueAt, plan, renewals, measures, isLost, delay };
}
