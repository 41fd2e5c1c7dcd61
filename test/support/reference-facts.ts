import { DateTime } from 'luxon';
import { readNumber, toMinor } from './reference-money.ts';

/** A tracking call with a timestamp, as the tests send it. */
export interface ReferenceCall {
  type: 'identify' | 'track' | 'page' | 'alias';
  messageId: string;
  timestamp: string;
  userId?: string;
  anonymousId?: string;
  previousId?: string;
  event?: string;
  /** The name of a page. */
  name?: string;
  traits?: Record<string, unknown>;
  properties?: Record<string, unknown>;
  context?: { traits?: { email?: string }; externalIds?: Array<{ id: string; type: string }> };
}

/** The calendar and the currency of a workspace. */
export interface ReferenceSettings {
  timeZone: string;
  currency: string;
}

interface ReferenceEvent {
  call: ReferenceCall;
  at: number;
}

const pause = 30 * 60_000;
export const instant = (ms: number) => new Date(ms).toISOString();
const first = (times: number[]) => (times.length > 0 ? instant(Math.min(...times)) : null);
const last = (times: number[]) => (times.length > 0 ? instant(Math.max(...times)) : null);
const timesOf = (events: ReferenceEvent[]) => events.map(({ at }) => at);
/** A non-empty string, otherwise null. */
export const filled = (value: unknown) =>
  typeof value === 'string' && value !== '' ? value : null;

/** The value with the latest time wins, at equal times the last received; null removes a trait. */
export function traitsOf(events: ReferenceEvent[]): Record<string, unknown> {
  const identifies = events
    .filter(({ call }) => call.type === 'identify')
    .sort((a, b) => a.at - b.at);
  const all = identifies.flatMap(({ call }) => Object.entries(call.traits ?? {}));
  return Object.fromEntries([...new Map(all)].filter(([, value]) => value !== null));
}

/** The latest address that an `identify` call stated, null included; undefined if none did. */
export const latestStatedEmail = (events: ReferenceEvent[]): unknown =>
  events
    .filter(({ call }) => call.type === 'identify' && call.traits && 'email' in call.traits)
    .sort((a, b) => a.at - b.at)
    .at(-1)?.call.traits?.['email'];

const isOrder = ({ call }: ReferenceEvent) =>
  call.type === 'track' && call.event?.trim().toLowerCase() === 'order completed';

/** The number of orders in the workspace's currency. */
export const countOwnOrders = (events: ReferenceEvent[], { currency }: ReferenceSettings) =>
  events.filter(
    (event) => isOrder(event) && (event.call.properties?.['currency'] ?? currency) === currency,
  ).length;

/** All facts of a customer, computed from its complete list of events in order of arrival. */
export function countFacts(events: ReferenceEvent[], { timeZone, currency }: ReferenceSettings) {
  const named = (name: string) =>
    events.filter(({ call }) => call.type === 'track' && call.event?.trim().toLowerCase() === name);
  const namedIn = (name: string, code: string) =>
    named(name).filter(({ call }) => (call.properties?.['currency'] ?? currency) === code);
  const sum = (name: string, code: string) =>
    String(
      namedIn(name, code)
        .map(({ call }) => toMinor(readNumber(call.properties?.['total']) ?? 0n, code))
        .reduce((total, amount) => total + amount, 0n),
    );
  const money = [...named('order completed'), ...named('order refunded')];
  const foreign = new Set(money.flatMap(({ call }) => filled(call.properties?.['currency']) ?? []));
  foreign.delete(currency);
  const views = timesOf(events.filter(({ call }) => call.type === 'page')).sort((a, b) => a - b);
  const traits = traitsOf(events);
  const names = [filled(traits['firstName']), filled(traits['lastName'])].filter(Boolean);
  return {
    traits,
    name: filled(traits['name']) ?? filled(names.join(' ')),
    firstSeenAt: first(timesOf(events)),
    lastSeenAt: last(timesOf(events)),
    eventCount: events.length,
    activeDays: new Set(
      timesOf(events).map((at) => DateTime.fromMillis(at, { zone: timeZone }).toISODate()),
    ).size,
    sessionCount: views.filter((at, i) => i === 0 || at - (views[i - 1] ?? 0) > pause).length,
    leadAt: first(timesOf([...named('lead captured'), ...named('signed up')])),
    signedUpAt: first(timesOf(named('signed up'))),
    orderCount: named('order completed').length,
    firstOrderAt: first(timesOf(named('order completed'))),
    lastOrderAt: last(timesOf(named('order completed'))),
    grossRevenue: sum('order completed', currency),
    refunded: sum('order refunded', currency),
    startedAt: last(timesOf(named('subscription started'))),
    renewals: named('subscription renewed').length,
    renewedAt: last(timesOf(named('subscription renewed'))),
    cancelledAt: last(timesOf(named('subscription cancelled'))),
    foreignRevenue: [...foreign].sort().map((code) => ({
      currency: code,
      gross: sum('order completed', code),
      refunded: sum('order refunded', code),
    })),
  };
}
