import type {
  FactCondition,
  InstantComparison,
  InstantFact,
  NumberFact,
} from '../../src/engine/conditions/filter.ts';
import { type Exact, exact, meetsNumber } from './reference-comparisons.ts';
import type { countFacts } from './reference-facts.ts';
import { instantCriticals, meetsInstant } from './reference-instants.ts';
import { factsOf, type Story } from './reference-story.ts';

type Facts = ReturnType<typeof countFacts>;

const whole = (value: unknown) => exact(Number(value));

const numbers: Record<NumberFact, (facts: Facts) => Exact | undefined> = {
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

const instants: Record<InstantFact, (facts: Facts) => string | null> = {
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

const instantNames = Object.keys(instants) as InstantFact[];
const numberNames = Object.keys(numbers) as NumberFact[];

export function factHolds(asked: FactCondition, story: Story, at: number): boolean {
  const facts = factsOf(story);
  if (asked.identified !== undefined) return isIdentified(story) === asked.identified;
  if (asked.subscribed !== undefined) return isSubscribed(facts) === asked.subscribed;
  for (const name of numberNames) {
    const comparison = asked[name];
    if (comparison) return meetsNumber(numbers[name](facts), comparison);
  }
  return instantsAsked(asked).every(([name, comparison]) => {
    const told = instants[name](facts);
    const x = told === null ? undefined : Date.parse(told);
    return meetsInstant(x, comparison, { at, timeZone: story.timeZone });
  });
}

const instantsAsked = (asked: FactCondition): Array<[InstantFact, InstantComparison]> =>
  instantNames.flatMap((name) => {
    const comparison = asked[name];
    return comparison ? [[name, comparison]] : [];
  });

/** Whoever ever told a user id or an e-mail address; `identify` tells that of its own traits. */
const isIdentified = ({ events }: Story) =>
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
export const factCriticals = (asked: FactCondition, { events, timeZone }: Story): number[] =>
  instantsAsked(asked).flatMap(([, comparison]) =>
    events.flatMap(({ at }) => instantCriticals(at, comparison, timeZone)),
  );
