import { parseDuration } from '../../../platform/time/duration.ts';
import { msPerDay } from '../../../platform/time/ms-per-day.ts';
import type { SubscriptionEvent, SubscriptionPrice } from './subscription-event.ts';

/** What tells of a subscription, by the names of events in any case. */
export const kindsByName = {
  'subscription started': 'STARTED',
  'subscription renewed': 'RENEWED',
  'subscription cancelled': 'CANCELLED',
  'subscription canceled': 'CANCELLED',
  'payment failed': 'PAYMENT_FAILED',
  'payment recovered': 'PAYMENT_RECOVERED',
  'satisfaction given': 'SATISFACTION_GIVEN',
} as const satisfies Record<string, SubscriptionEvent['kind']>;

/** An event as it was told, its name in lower case. */
export interface ReportedEvent {
  name: string;
  /** In ms since 1970. */
  at: number;
  properties: Record<string, unknown>;
}

/** None of an event that tells nothing of a subscription. What a property says wrongly is left out: one odd event must not cost all others. */
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

/** As of orders: `price`, or else what was paid. */
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

const parsePeriod = (text_: string | undefined) =>
  text_ !== undefined && typeof parseDuration(text_) !== 'string' ? text_ : undefined;

const maxPeriodMs = 36_525 * msPerDay;

function parseRenewsAt(text_: string | undefined, at: number): number | undefined {
  const renewsAt = Date.parse(text_ ?? '');
  return renewsAt > at && renewsAt - at <= maxPeriodMs ? renewsAt : undefined;
}

function toSatisfaction(at: number, { score }: Record<string, unknown>): SubscriptionEvent[] {
  const isAnswer = typeof score === 'number' && score >= 0 && score <= 10;
  return isAnswer ? [{ kind: 'SATISFACTION_GIVEN', at, score }] : [];
}
