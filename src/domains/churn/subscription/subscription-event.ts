import { msPerDay } from '../../../platform/time/ms-per-day.ts';
import { InvalidSubscription } from '../../../statistics/refusals.ts';

/** The terms that a start or a renewal may report; missing terms keep their values. */
export interface SubscriptionTerms {
  plan?: string | undefined;
  /** An ISO 8601 duration such as "P1M" or "P1Y", by the workspace's time zone. */
  period?: string | undefined;
  /** The instant at which the next renewal is due. */
  renewsAt?: number | undefined;
  /** The price of a period. */
  price?: SubscriptionPrice | undefined;
}

/** A reported price in major units, in the workspace's currency unless another is given. */
export interface SubscriptionPrice {
  amount: string | number;
  currency: string | null;
}

/** The ends of a satisfaction scale, such as 1 and 5; `best` may be the lower one. */
export interface SatisfactionScale {
  worst: number;
  best: number;
}

/** An event of a subscription. All instants are in ms since 1970. */
export type SubscriptionEvent =
  | ({ kind: 'STARTED' | 'RENEWED'; at: number } & SubscriptionTerms)
  | { kind: 'CANCELLED' | 'PAYMENT_FAILED' | 'PAYMENT_RECOVERED'; at: number }
  /** Default scale: 0 to 10, as for the net promoter score. */
  | {
      kind: 'SATISFACTION_GIVEN';
      at: number;
      score: number;
      scale?: SatisfactionScale | undefined;
    };

export type TermsEvent = Extract<SubscriptionEvent, { kind: 'STARTED' | 'RENEWED' }>;

export const isTermsEvent = (event: SubscriptionEvent): event is TermsEvent =>
  event.kind === 'STARTED' || event.kind === 'RENEWED';

// At the same instant, a payment fails before it recovers, and a cancellation comes last.
const kindOrder: Record<SubscriptionEvent['kind'], number> = {
  STARTED: 0,
  PAYMENT_FAILED: 1,
  PAYMENT_RECOVERED: 2,
  RENEWED: 3,
  SATISFACTION_GIVEN: 4,
  CANCELLED: 5,
};

/**
 * Sorts events by instant, then by kind, then by content, so that the order of arrival does not matter.
 * @throws InvalidSubscription for an invalid event
 */
export function sortEvents(events: readonly SubscriptionEvent[]): SubscriptionEvent[] {
  events.forEach(requireValidEvent);
  return events.toSorted(
    (left, right) =>
      left.at - right.at ||
      kindOrder[left.kind] - kindOrder[right.kind] ||
      compareContent(left, right),
  );
}

function compareContent(left: SubscriptionEvent, right: SubscriptionEvent): number {
  const [one, other] = [contentOf(left), contentOf(right)];
  if (one === other) return 0;
  return one < other ? -1 : 1;
}

function contentOf(event: SubscriptionEvent): string {
  if (isTermsEvent(event))
    return JSON.stringify([event.plan, event.period, event.renewsAt, event.price]);
  return event.kind === 'SATISFACTION_GIVEN' ? JSON.stringify([event.score, event.scale]) : '';
}

// Time zone data is reliable in these years, and adding a century does not overflow.
const minInstant = Date.UTC(1900, 0);
const maxInstant = Date.UTC(2200, 0);
const maxPeriod = 36_525 * msPerDay;

/** @throws InvalidSubscription unless it lies in the years 1900 to 2199 */
export function requireInstant(what: string, at: number): void {
  if (!(at >= minInstant && at < maxInstant)) {
    throw new InvalidSubscription(`${what} must lie in the years 1900 to 2199, not at ${at}`);
  }
}

function requireValidEvent(event: SubscriptionEvent): void {
  requireInstant('An event', event.at);
  if (event.kind === 'SATISFACTION_GIVEN') requireScoreOnScale(event);
  if (!isTermsEvent(event) || event.renewsAt === undefined) return;
  const length = event.renewsAt - event.at;
  if (!(length > 0 && length <= maxPeriod)) {
    throw new InvalidSubscription(
      `the next renewal must be due after the event at ${event.at} and within 100 years, not at ${event.renewsAt}`,
    );
  }
}

const defaultScale: SatisfactionScale = { worst: 0, best: 10 };

type Answer = Extract<SubscriptionEvent, { kind: 'SATISFACTION_GIVEN' }>;

/** From 0, the worst, to 10, the best. */
export const normaliseScore = ({ score, scale: { worst, best } = defaultScale }: Answer): number =>
  (10 * (score - worst)) / (best - worst);

function requireScoreOnScale(answer: Answer): void {
  const value = normaliseScore(answer);
  if (!(value >= 0 && value <= 10)) {
    throw new InvalidSubscription(`the score ${answer.score} does not lie on its scale`);
  }
}
