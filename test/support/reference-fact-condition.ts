import { resolveFactCondition } from '../../src/engine/conditions/fact-condition.ts';
import type { FactCondition } from '../../src/engine/conditions/filter.ts';
import { type ReferenceHistory, referenceFactsOf } from './customer-history.ts';
import { type Exact, exact, matchesNumber } from './reference-comparisons.ts';
import { type countFacts, countOwnOrders, filled, latestStatedEmail } from './reference-facts.ts';
import { comparisonCriticalInstants, matchesInstant } from './reference-instants.ts';

type Facts = ReturnType<typeof countFacts>;

const whole = (value: unknown) => exact(Number(value));

const numbers: Record<string, (facts: Facts, history: ReferenceHistory) => Exact | undefined> = {
  orderCount: (facts) => whole(facts.orderCount),
  events: (facts) => whole(facts.eventCount),
  activeDays: (facts) => whole(facts.activeDays),
  sessions: (facts) => whole(facts.sessionCount),
  subscriptionRenewals: (facts) => whole(facts.renewals),
  grossRevenue: (facts) => whole(facts.grossRevenue),
  refunded: (facts) => whole(facts.refunded),
  netRevenue: (facts) => whole(Number(facts.grossRevenue) - Number(facts.refunded)),
  averageOrderValue({ grossRevenue }, history) {
    const count = countOwnOrders(history.events, history);
    return count === 0 ? undefined : { ...whole(grossRevenue), per: BigInt(count) };
  },
};

const instants: Record<string, (facts: Facts) => string | null> = {
  firstSeenAt: (facts) => facts.firstSeenAt,
  lastSeenAt: (facts) => facts.lastSeenAt,
  leadAt: (facts) => facts.leadAt,
  signedUpAt: (facts) => facts.signedUpAt,
  firstOrderAt: (facts) => facts.firstOrderAt,
  lastOrderAt: (facts) => facts.lastOrderAt,
  subscriptionStartedAt: (facts) => facts.startedAt,
  subscriptionRenewedAt: (facts) => facts.renewedAt,
  subscriptionCancelledAt: (facts) => facts.cancelledAt,
};

const booleans: Record<string, (history: ReferenceHistory) => boolean> = {
  identified: (history) => isIdentified(history),
  subscribed: (history) => isSubscribed(referenceFactsOf(history)),
};

/** The facts that the reference supports. */
export const referenceFacts = [numbers, instants, booleans].flatMap((facts) => Object.keys(facts));

function requireKnown<T>(facts: Record<string, T>, name: string): T {
  const fact = facts[name];
  if (fact === undefined) throw new Error(`The reference does not know the fact "${name}"`);
  return fact;
}

export function matchesFact(
  condition: FactCondition,
  history: ReferenceHistory,
  at: number,
): boolean {
  const { fact, type, comparison } = resolveFactCondition(condition);
  if (type === 'boolean') return requireKnown(booleans, fact.name)(history) === comparison;
  const facts = referenceFactsOf(history);
  if (type === 'number') {
    return matchesNumber(requireKnown(numbers, fact.name)(facts, history), comparison);
  }
  const value = requireKnown(instants, fact.name)(facts);
  const x = value === null ? undefined : Date.parse(value);
  return matchesInstant(x, comparison, { at, timeZone: history.timeZone });
}

/** Whether an event had a user id, or the customer has an address: the latest stated one, else one in a context. */
function isIdentified({ events }: ReferenceHistory): boolean {
  if (events.some(({ call }) => call.userId !== undefined)) return true;
  const stated = latestStatedEmail(events);
  if (stated !== undefined) return filled(stated) !== null;
  return events.some(({ call }) => typeof call.context?.traits?.email === 'string');
}

function isSubscribed({ startedAt, renewedAt, cancelledAt }: Facts): boolean {
  const time = (value: string | null) => (value === null ? -Infinity : Date.parse(value));
  return Math.max(time(startedAt), time(renewedAt)) > time(cancelledAt);
}

/** The instants at which the answer may change: every fact that is an instant is that of some event. */
export function factCriticalInstants(
  condition: FactCondition,
  { events, timeZone }: ReferenceHistory,
): number[] {
  const { type, comparison } = resolveFactCondition(condition);
  if (type !== 'instant') return [];
  return events.flatMap(({ at }) => comparisonCriticalInstants(at, comparison, timeZone));
}
