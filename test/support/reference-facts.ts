import { DateTime } from 'luxon';

/** A tracking call as the tests send it; every one says when it happened. */
export interface Call {
  type: 'identify' | 'track' | 'page' | 'alias';
  messageId: string;
  timestamp: string;
  userId?: string;
  anonymousId?: string;
  previousId?: string;
  event?: string;
  /** Of a page. */
  name?: string;
  traits?: Record<string, unknown>;
  properties?: Record<string, unknown>;
  context?: { traits?: { email?: string }; externalIds?: Array<{ id: string; type: string }> };
}

/** What a workspace's days and money are reckoned in. */
export interface Reckoning {
  timeZone: string;
  currency: string;
}

interface Happened {
  call: Call;
  at: number;
}

const pause = 30 * 60_000;
export const instant = (ms: number) => new Date(ms).toISOString();
const first = (times: number[]) => (times.length > 0 ? instant(Math.min(...times)) : null);
const last = (times: number[]) => (times.length > 0 ? instant(Math.max(...times)) : null);
const timesOf = (happened: Happened[]) => happened.map(({ at }) => at);
const cents = (total: unknown) => Math.round(Number(total ?? 0) * 100);
/** A text that says something, else null. */
export const filled = (value: unknown) =>
  typeof value === 'string' && value !== '' ? value : null;

/** The telling with the latest time wins, of equal ones the last to come in; null takes away. */
export function traitsOf(own: Happened[]): Record<string, unknown> {
  const told = own.filter(({ call }) => call.type === 'identify').sort((a, b) => a.at - b.at);
  const all = told.flatMap(({ call }) => Object.entries(call.traits ?? {}));
  return Object.fromEntries([...new Map(all)].filter(([, value]) => value !== null));
}

/** All that is known of a customer, counted from the whole list of its events in order of arrival. */
export function countFacts(own: Happened[], { timeZone, currency }: Reckoning) {
  const named = (name: string) =>
    own.filter(({ call }) => call.type === 'track' && call.event?.trim().toLowerCase() === name);
  const sum = (name: string, wanted: string) =>
    String(
      named(name)
        .filter(({ call }) => (call.properties?.['currency'] ?? currency) === wanted)
        .reduce((total, { call }) => total + cents(call.properties?.['total']), 0),
    );
  const money = [...named('order completed'), ...named('order refunded')];
  const foreign = new Set(money.flatMap(({ call }) => filled(call.properties?.['currency']) ?? []));
  foreign.delete(currency);
  const views = timesOf(own.filter(({ call }) => call.type === 'page')).sort((a, b) => a - b);
  const traits = traitsOf(own);
  const names = [filled(traits['firstName']), filled(traits['lastName'])].filter(Boolean);
  return {
    traits,
    name: filled(traits['name']) ?? filled(names.join(' ')),
    firstSeenAt: first(timesOf(own)),
    lastSeenAt: last(timesOf(own)),
    eventCount: own.length,
    activeDays: new Set(
      timesOf(own).map((at) => DateTime.fromMillis(at, { zone: timeZone }).toISODate()),
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
