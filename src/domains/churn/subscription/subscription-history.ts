import { addDuration } from '../../../platform/time/add-duration.ts';
import { type Duration, parseDuration } from '../../../platform/time/duration.ts';
import { msPerDay } from '../../../platform/time/ms-per-day.ts';
import { InvalidArgument, InvalidSubscription } from '../../../statistics/refusals.ts';
import {
  normaliseScore,
  type SubscriptionEvent,
  type SubscriptionPrice,
  sortEvents,
  type TermsEvent,
} from './subscription-event.ts';

/** What is known of a customer's subscription after some events. Instants are in ms since 1970. */
export interface SubscriptionState {
  /** Null when none was told. */
  readonly plan: string | null;
  /** What a period costs; null when that was never told. */
  readonly price: SubscriptionPrice | null;
  /** When the present, unbroken subscription began; of a log that begins with a renewal, that renewal. */
  readonly startedAt: number | null;
  /** Renewals made since it began. */
  readonly renewals: number;
  /** The last start or renewal that set the period. */
  readonly periodStart: number | null;
  /** When the next renewal is due. */
  readonly periodEnd: number | null;
  /** How long a period is where the event does not say. */
  readonly period: Duration;
  readonly cancelledAt: number | null;
  /** The last failed payment that nothing has made good since. */
  readonly paymentFailedAt: number | null;
  /** The last answer, from 0, the worst, to 10, the best. */
  readonly satisfaction: { readonly at: number; readonly score: number } | null;
}

/** How long after the end of a period a renewal still counts as one: 30 days of 24 hours, as KKBox's label. */
export const renewalGrace = 30 * msPerDay;

export const noSubscription: SubscriptionState = {
  plan: null,
  price: null,
  startedAt: null,
  renewals: 0,
  periodStart: null,
  periodEnd: null,
  period: { months: 1, days: 0, ms: 0 },
  cancelledAt: null,
  paymentFailedAt: null,
  satisfaction: null,
};

/**
 * What the events of one customer come to. Events may arrive late and in any order: all that are known are
 * sorted and folded anew, so give all of them, and for the state as of an instant those before it.
 * @throws InvalidSubscription for an event that cannot have happened; InvalidArgument for a time zone that is none
 */
export const foldSubscription = (
  events: readonly SubscriptionEvent[],
  timeZone: string,
): SubscriptionState =>
  sortEvents(events).reduce((state, event) => applyEvent(state, event, timeZone), noSubscription);

/** The state after one more event, which must not lie before those that led to it. */
export function applyEvent(
  state: SubscriptionState,
  event: SubscriptionEvent,
  timeZone: string,
): SubscriptionState {
  const { at } = event;
  switch (event.kind) {
    case 'STARTED':
    case 'RENEWED':
      return applyTerms(state, event, timeZone);
    case 'CANCELLED':
      return { ...state, cancelledAt: state.cancelledAt ?? at };
    case 'PAYMENT_FAILED':
      return { ...state, paymentFailedAt: at };
    case 'PAYMENT_RECOVERED':
      return { ...state, paymentFailedAt: null };
    case 'SATISFACTION_GIVEN':
      return { ...state, satisfaction: { at, score: normaliseScore(event) } };
  }
}

/**
 * `BEGINNING` of a subscription, for lack of one or because the last was lost; `CHANGE` of the terms of a
 * running one; `RENEWAL` up to the end of the grace, by whichever event, and also of a cancelled one.
 */
export type TermsRole = 'BEGINNING' | 'CHANGE' | 'RENEWAL';

export function classifyTerms(state: SubscriptionState, { kind, at }: TermsEvent): TermsRole {
  const { periodStart, periodEnd, cancelledAt } = state;
  if (periodEnd === null || at >= periodEnd + renewalGrace) return 'BEGINNING';
  // The first payment is often told twice, as a start and as a renewal, and so is a repeated message.
  if (at === periodStart) return 'CHANGE';
  const isRunning = cancelledAt === null && at < periodEnd;
  return kind === 'STARTED' && isRunning ? 'CHANGE' : 'RENEWAL';
}

function applyTerms(
  state: SubscriptionState,
  event: TermsEvent,
  timeZone: string,
): SubscriptionState {
  const role = classifyTerms(state, event);
  const plan = event.plan ?? state.plan;
  const price = event.price ?? state.price;
  const span = role === 'CHANGE' && keepsRenewalDate(event) ? {} : spanOf(state, event, timeZone);
  // Another plan pays no debt; whatever is called a renewal was paid.
  const isUnpaid = role === 'CHANGE' && event.kind === 'STARTED';
  const paymentFailedAt = isUnpaid ? state.paymentFailedAt : null;
  const continued = { ...state, ...span, plan, price, cancelledAt: null, paymentFailedAt };
  if (role === 'CHANGE') return continued;
  if (role === 'RENEWAL') return { ...continued, renewals: state.renewals + 1 };
  // A log that begins with a renewal has missed the start; after a loss, it is a start by another name.
  const isMidway = event.kind === 'RENEWED' && state.periodEnd === null;
  return { ...continued, startedAt: event.at, renewals: isMidway ? 1 : 0 };
}

/** A change of plan that says nothing of time leaves the next renewal where it was. */
const keepsRenewalDate = ({ period, renewsAt }: TermsEvent) =>
  period === undefined && renewsAt === undefined;

function spanOf(state: SubscriptionState, { at, period, renewsAt }: TermsEvent, timeZone: string) {
  const length = period === undefined ? inferPeriod(state, at, renewsAt) : requirePeriod(period);
  const periodEnd = renewsAt ?? addDuration(at, length, timeZone);
  if (Number.isNaN(periodEnd)) {
    throw new InvalidArgument('The time zone', 'the name of one, such as Europe/Berlin', timeZone);
  }
  return { periodStart: at, periodEnd, period: length };
}

function inferPeriod({ period }: SubscriptionState, at: number, renewsAt: number | undefined) {
  return renewsAt === undefined ? period : { months: 0, days: 0, ms: renewsAt - at };
}

function requirePeriod(text: string): Duration {
  const period = parseDuration(text);
  if (typeof period === 'string') throw new InvalidSubscription(`the period "${text}" ${period}`);
  return period;
}
