import { Prisma } from '../../../prisma/generated/client.ts';
import { given } from './compare.ts';
import { isMetByZero } from './event-clause.ts';
import type {
  BooleanFact,
  FactCondition,
  InstantFact,
  NumberComparison,
  NumberFact,
} from './filter.ts';
import { booleanSql, instantSql, isInstantFact, isNumberFact, numberSql } from './scope.ts';

type Fact = NumberFact | InstantFact | BooleanFact;

/** Which events a fact is made of, and the name of the usual one. */
interface FactEvents {
  which: Prisma.Sql;
  names: string[];
}

const effects = (kinds: string[], ...names: string[]): FactEvents => ({
  which: Prisma.sql`e.effect = any(${kinds}::text[])`,
  names,
});
const any: FactEvents = { which: Prisma.sql`true`, names: [] };
const orders = effects(['order'], 'Order Completed');
const money = effects(['order', 'refund'], 'Order Completed');
const leads = effects(['lead', 'sign_up'], 'Lead Captured', 'Signed Up');
const subscribing = ['subscription_started', 'subscription_renewed', 'subscription_cancelled'];

export const factEvents: Record<Fact, FactEvents> = {
  orderCount: orders,
  averageOrderValue: orders,
  firstOrderAt: orders,
  lastOrderAt: orders,
  grossRevenue: orders,
  netRevenue: money,
  refunded: effects(['refund'], 'Order Refunded'),
  events: any,
  activeDays: any,
  firstSeenAt: any,
  lastSeenAt: any,
  identified: any,
  sessions: effects(['view']),
  leadAt: leads,
  signedUpAt: effects(['sign_up'], 'Signed Up'),
  subscribed: effects(subscribing, 'Subscription Started'),
  subscriptionStartedAt: effects(['subscription_started'], 'Subscription Started'),
  subscriptionRenewedAt: effects(['subscription_renewed'], 'Subscription Renewed'),
  subscriptionRenewals: effects(['subscription_renewed'], 'Subscription Renewed'),
  subscriptionCancelledAt: effects(['subscription_cancelled'], 'Subscription Cancelled'),
};

/** The value of a fact of the customer `c`. */
export function factValue(fact: Fact): Prisma.Sql {
  const row = { column: (name: string) => Prisma.raw(`c.${name}`) };
  if (isNumberFact(fact)) return numberSql(fact, row);
  return isInstantFact(fact) ? instantSql(fact, row) : booleanSql(fact, row);
}

/** Whether somebody who never did anything meets the condition. */
export function isMetByNothing(condition: FactCondition): boolean {
  const [fact, comparison] = given(condition);
  if (typeof comparison === 'boolean') return !comparison;
  if (isInstantFact(fact)) return 'exists' in comparison && comparison.exists === false;
  return fact !== 'averageOrderValue' && isMetByZero(comparison as NumberComparison);
}
