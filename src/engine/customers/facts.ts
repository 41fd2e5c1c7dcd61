import type { Effect } from './effects.ts';
import { addMoney } from './money-sum.ts';

/**
 * What is kept of a customer so that rules are cheap. Sums, counts, minima and maxima only: the order
 * in which events arrive makes no difference. Money is in minor units of the workspace's currency and ends at `maxSum`.
 */
export interface Facts {
  firstSeenAt: Date;
  lastSeenAt: Date;
  events: number;
  activeDays: number;
  sessions: number;
  leadAt: Date | null;
  signedUpAt: Date | null;
  orders: number;
  firstOrderAt: Date | null;
  lastOrderAt: Date | null;
  /** Days with an order, and what the first of them brought. */
  orderDays: number;
  firstDayValue: bigint;
  grossRevenue: bigint;
  refunded: bigint;
  subscriptionStartedAt: Date | null;
  subscriptionRenewals: number;
  subscriptionRenewedAt: Date | null;
  subscriptionCancelledAt: Date | null;
}

/** The part of an event that facts are made of. */
export interface FactEvent {
  effect: Effect | null;
  occurredAt: Date;
  amount: bigint | null;
  currency: string | null;
}

export const newFacts = (at: Date): Facts => ({
  firstSeenAt: at,
  lastSeenAt: at,
  events: 0,
  activeDays: 0,
  sessions: 0,
  leadAt: null,
  signedUpAt: null,
  orders: 0,
  firstOrderAt: null,
  lastOrderAt: null,
  orderDays: 0,
  firstDayValue: 0n,
  grossRevenue: 0n,
  refunded: 0n,
  subscriptionStartedAt: null,
  subscriptionRenewals: 0,
  subscriptionRenewedAt: null,
  subscriptionCancelledAt: null,
});

const earlier = (a: Date | null, b: Date) => (a === null || b < a ? b : a);
const later = (a: Date | null, b: Date) => (a === null || b > a ? b : a);

/** What an event is worth in the workspace's own currency. */
export const ownAmount = ({ amount, currency }: FactEvent, own: string): bigint =>
  currency === own ? (amount ?? 0n) : 0n;

type Apply = (facts: Facts, at: Date, amount: bigint) => void;

const applyEffect: Record<Effect, Apply> = {
  order: (facts, at, amount) => {
    facts.orders += 1;
    facts.grossRevenue = addMoney(facts.grossRevenue, amount);
    facts.firstOrderAt = earlier(facts.firstOrderAt, at);
    facts.lastOrderAt = later(facts.lastOrderAt, at);
  },
  refund: (facts, _at, amount) => {
    facts.refunded = addMoney(facts.refunded, amount);
  },
  lead: (facts, at) => {
    facts.leadAt = earlier(facts.leadAt, at);
  },
  sign_up: (facts, at) => {
    facts.leadAt = earlier(facts.leadAt, at);
    facts.signedUpAt = earlier(facts.signedUpAt, at);
  },
  subscription_started: (facts, at) => {
    facts.subscriptionStartedAt = later(facts.subscriptionStartedAt, at);
  },
  subscription_renewed: (facts, at) => {
    facts.subscriptionRenewals += 1;
    facts.subscriptionRenewedAt = later(facts.subscriptionRenewedAt, at);
  },
  subscription_cancelled: (facts, at) => {
    facts.subscriptionCancelledAt = later(facts.subscriptionCancelledAt, at);
  },
  view: () => undefined,
};

/** Adds one event to the facts in place. Amounts in another currency than `own` are kept elsewhere. */
export function addToFacts(facts: Facts, event: FactEvent, own: string): void {
  const { effect, occurredAt } = event;
  facts.events += 1;
  facts.firstSeenAt = earlier(facts.firstSeenAt, occurredAt);
  facts.lastSeenAt = later(facts.lastSeenAt, occurredAt);
  if (effect) applyEffect[effect](facts, occurredAt, ownAmount(event, own));
}
