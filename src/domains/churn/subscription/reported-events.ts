import { parseDuration } from '../../../platform/time/duration.ts';
import { msPerDay } from '../../../platform/time/ms-per-day.ts';
import type { SubscriptionEvent, SubscriptionPrice } from './subscription-event.ts';

/** The kinds of subscription events by name, in lower case. */
export const kindsByName = {
  'subscription started': 'STARTED',
  'subscription renewed': 'RENEWED',
  'subscription cancelled': 'CANCELLED',
  'subscription canceled': 'CANCELLED',
  'payment failed': 'PAYMENT_FAILED',
  'payment recovered': 'PAYMENT_RECOVERED',
  'satisfaction given': 'SATISFACTION_GIVEN',
} as const satisfies Record<string, SubscriptionEvent['kind']>;

/** An event as received, with its name in lower case. */
export interface ReportedEvent {
  name: string;
  /** In ms since 1970. */
  at: number;
  properties: Record<string, unknown>;
}

/** Parses a subscription event; other events give none. Invalid properties are ignored, so that one invalid event does not fail the others. */
export function toSubscriptionEvents({ name, at, properties }: ReportedEvent): SubscriptionEvent[] {
  if (!Object.hasOwn(kindsByName, name)) return [];
  const kind = kindsByName[name as keyof typeof kindsByName];
  if (kind === 'SATISFACTION_GIVEN') return toSatisfaction(at, properties);
  if (kind !== 'STARTED' && kind !== 'RENEWED') return [{ kind, at }];
  const plan = text(properties['plan']);
  const period = parsePeriod(text(properties['period']));
  const renewsAt = parseRenewsAt(text(properties['renewsAt']), at);
  return [{ kind, at, plan, period, renewsAt, price: parsePrice(properties) }];
}

/** As for orders: `price`, otherwise the amount paid. */
function parsePrice({
  price,
  total,
  revenue,
  currency,
}: Record<string, unknown>): SubscriptionPrice | undefined {
  const amount = price ?? total ?? revenue;
  if (typeof amount !== 'number' && typeof amount !== 'string') return undefined;
  return { amount, currency: text(currency)?.toUpperCase() ?? null };
}

const text = (value: unknown) => (typeof value === 'string' && value !== '' ? value : undefined);

const parsePeriod = (period: string | undefined) =>
  period !== undefined && typeof parseDuration(period) !== 'string' ? period : undefined;

const maxPeriodMs = 36_525 * msPerDay;

function parseRenewsAt(date: string | undefined, at: number): number | undefined {
  const renewsAt = Date.parse(date ?? '');
  return renewsAt > at && renewsAt - at <= maxPeriodMs ? renewsAt : undefined;
}

function toSatisfaction(at: number, { score }: Record<string, unknown>): SubscriptionEvent[] {
  const isAnswer = typeof score === 'number' && score >= 0 && score <= 10;
  return isAnswer ? [{ kind: 'SATISFACTION_GIVEN', at, score }] : [];
}
