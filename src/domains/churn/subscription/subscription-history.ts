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

/** The state of a customer's subscription after some events. Instants are in ms since 1970. */
export interface SubscriptionState {
  /** Null if never reported. */
  readonly plan: string | null;
  /** The price of a period; null if never reported. */
  readonly price: SubscriptionPrice | null;
  /** Start of the present, unbroken subscription: its first event if the log begins with a renewal. */
  readonly startedAt: number | null;
  /** Renewals made since the start. */
  readonly renewals: number;
  /** The last start or renewal that set the period. */
  readonly periodStart: number | null;
  /** When the next renewal is due. */
  readonly periodEnd: number | null;
  /** Length of the period if the event does not give one. */
  readonly period: Duration;
  readonly cancelledAt: number | null;
  /** The last failed payment that has not recovered. */
  readonly paymentFailedAt: number | null;
  /** The last score, from 0 (worst) to 10 (best). */
  readonly satisfaction: { readonly at: number; readonly score: number } | null;
}

/** Grace period of a renewal after the end of a period: 30 days of 24 hours, as in KKBox's label. */
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
 * Folds all events of one customer into the state. Events may arrive late and in any order: pass all of them,
 * or, for the state at an instant, all before it.
 * @throws InvalidSubscription for an invalid event; InvalidArgument for an unknown time zone
 */
export const foldSubscription = (
  events: readonly SubscriptionEvent[],
  timeZone: string,
): SubscriptionState =>
  sortEvents(events).reduce((state, event) => applyEvent(state, event, timeZone), noSubscription);

/** Returns the state after one more event, which must not precede the events of the state. */
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
 * `BEGINNING`: starts a subscription, since there is none or the last was lost. `CHANGE`: changes the terms of
 * a running one. `RENEWAL`: renews one until the end of the grace period, also a cancelled one.
 */
export type TermsRole = 'BEGINNING' | 'CHANGE' | 'RENEWAL';

export function classifyTerms(state: SubscriptionState, { kind, at }: TermsEvent): TermsRole {
  const { periodStart, periodEnd, cancelledAt } = state;
  if (periodEnd === null || at >= periodEnd + renewalGrace) return 'BEGINNING';
  // The first payment is often reported twice, as a start and as a renewal; so is a repeated message.
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
  // A change of plan does not settle a failed payment; a renewal does.
  const isUnpaid = role === 'CHANGE' && event.kind === 'STARTED';
  const paymentFailedAt = isUnpaid ? state.paymentFailedAt : null;
  const continued = { ...state, ...span, plan, price, cancelledAt: null, paymentFailedAt };
  if (role === 'CHANGE') return continued;
  if (role === 'RENEWAL') return { ...continued, renewals: state.renewals + 1 };
  // If the log begins with a renewal, the start is missing; after a loss, a renewal is a new start.
  const isMidway = event.kind === 'RENEWED' && state.periodEnd === null;
  return { ...continued, startedAt: event.at, renewals: isMidway ? 1 : 0 };
}

/** A change of plan without period or date keeps the date of the next renewal. */
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
