import { resolveFactCondition } from '../../src/engine/conditions/fact-condition.ts';
import type { FactCondition } from '../../src/engine/conditions/filter.ts';
import { type Exact, exact, matchesNumber } from './reference-comparisons.ts';
import type { countFacts } from './reference-facts.ts';
import { instantCriticals, meetsInstant } from './reference-instants.ts';
import { type ReferenceHistory, referenceFactsOf } from './reference-story.ts';

type Facts = ReturnType<typeof countFacts>;

const whole = (value: unknown) => exact(Number(value));

const numbers: Record<string, (facts: Facts) => Exact | undefined> = {
  orderCount: (facts) => whole(facts.orderCount),
  events: (facts) => whole(facts.eventCount),
  activeDays: (facts) => whole(facts.activeDays),
  sessions: (facts) => whole(facts.sessionCount),
  subscriptionRenewals: (facts) => whole(facts.renewals),
  grossRevenue: (facts) => whole(facts.grossRevenue),
  refunded: (facts) => whole(facts.refunded),
  netRevenue: (facts) => whole(Number(facts.grossRevenue) - Number(facts.refunded)),
  averageOrderValue: ({ orderCount, grossRevenue }) =>
    orderCount === 0 ? undefined : { ...whole(grossRevenue), per: BigInt(orderCount) },
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

const booleans: Record<string, (story: ReferenceHistory) => boolean> = {
  identified: (story) => isIdentified(story),
  subscribed: (story) => isSubscribed(referenceFactsOf(story)),
};

/** The facts that the reference knows. */
export const referenceFacts = [numbers, instants, booleans].flatMap((facts) => Object.keys(facts));

function known<T>(facts: Record<string, T>, name: string): T {
  const fact = facts[name];
  if (fact === undefined) throw new Error(`The reference does not know the fact "${name}"`);
  return fact;
}

export function factHolds(asked: FactCondition, story: ReferenceHistory, at: number): boolean {
  const { fact, type, comparison } = resolveFactCondition(asked);
  if (type === 'boolean') return known(booleans, fact.name)(story) === comparison;
  const facts = referenceFactsOf(story);
  if (type === 'number') return matchesNumber(known(numbers, fact.name)(facts), comparison);
  const told = known(instants, fact.name)(facts);
  const x = told === null ? undefined : Date.parse(told);
  return meetsInstant(x, comparison, { at, timeZone: story.timeZone });
}

/** Whoever ever told a user id or an e-mail address; `identify` tells that of its own traits. */
const isIdentified = ({ events }: ReferenceHistory) =>
  events.some(
    ({ call: { type, userId, context, traits } }) =>
      userId !== undefined ||
      typeof (type === 'identify' ? traits?.['email'] : context?.traits?.email) === 'string',
  );

function isSubscribed({ startedAt, renewedAt, cancelledAt }: Facts): boolean {
  const time = (told: string | null) => (told === null ? -Infinity : Date.parse(told));
  return Math.max(time(startedAt), time(renewedAt)) > time(cancelledAt);
}

/** When the answer may change: an instant that is a fact is that of some event, whichever. */
export function factCriticals(
  asked: FactCondition,
  { events, timeZone }: ReferenceHistory,
): number[] {
  const { type, comparison } = resolveFactCondition(asked);
  if (type !== 'instant') return [];
  return events.flatMap(({ at }) => instantCriticals(at, comparison, timeZone));
}
