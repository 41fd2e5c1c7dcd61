import { Prisma } from '../../../prisma/generated/client.ts';
import type { ClauseSql } from './clause.ts';
import { compareInstant, compareNumber, given, known, type NumberRange } from './compare.ts';
import {
  type BooleanFact,
  type DidCondition,
  type FactCondition,
  type IdentityCondition,
  type InstantComparison,
  type InstantFact,
  instantFacts,
  type NumberComparison,
  type NumberFact,
  numberFacts,
} from './filter.ts';

/** The columns of a customer that facts are made of. */
export const factColumns = [
  'first_seen_at',
  'last_seen_at',
  'events',
  'active_days',
  'sessions',
  'lead_at',
  'signed_up_at',
  'orders',
  'first_order_at',
  'last_order_at',
  'order_days',
  'first_day_value',
  'gross_revenue',
  'refunded',
  'subscription_started_at',
  'subscription_renewals',
  'subscription_renewed_at',
  'subscription_cancelled_at',
  'user_id',
  'email',
] as const;
export type FactColumn = (typeof factColumns)[number];

/** A condition about a rule set's stages: which of them, and for how long or how long ago. */
export interface PlacementCondition {
  ruleSetId: string;
  stages: string[];
  limit?: StageLimit;
}

export type StageLimit =
  | { forAtLeast: string }
  | { enteredWithin: string }
  | { within: string }
  | { ever: true };

/** Rows `from … where …` that name customers in a column. */
export interface CustomerRows {
  from: Prisma.Sql;
  where: Prisma.Sql;
  customerId: Prisma.Sql;
}

/** Which customers conditions are compiled for, as of when, and what they can be compiled to. */
export interface Scope {
  timeZone: string;
  workspaceId: string;
  /** The instant that is asked about. */
  at: Prisma.Sql;
  /** Whether the instant lies in the past, of which not everything is stored. */
  isPast: boolean;
  column(name: FactColumn): Prisma.Sql;
  trait(name: string): Prisma.Sql;
  did(condition: DidCondition): ClauseSql;
  identity(condition: IdentityCondition): ClauseSql;
  placement(condition: PlacementCondition): ClauseSql;
  /** Whether the customer is named in rows that time alone does not change. */
  isIn(rows: CustomerRows): ClauseSql;
  /**
   * Whether a value of the customer is within a range, where the value at later instants only rises or only
   * falls. Not for conditions that are compiled for evaluation: see `ConditionKind.inMemory`.
   */
  isWithin(valueAt: (at: Prisma.Sql) => Prisma.Sql, range: NumberRange): ClauseSql;
}

export function factSql(condition: FactCondition, scope: Scope): ClauseSql {
  const [fact, comparison] = given(condition);
  if (isNumberFact(fact)) {
    const value = numberSql(fact, scope);
    return { steady: known(compareNumber(value, comparison as NumberComparison)) };
  }
  if (isInstantFact(fact)) {
    const value = scope.column(instantColumns[fact]);
    return compareInstant(value, comparison as InstantComparison, scope.timeZone);
  }
  return { steady: Prisma.sql`(${booleanSql(fact, scope)}) = ${comparison as boolean}::boolean` };
}

export const isNumberFact = (fact: string): fact is NumberFact =>
  (numberFacts as readonly string[]).includes(fact);
export const isInstantFact = (fact: string): fact is InstantFact =>
  (instantFacts as readonly string[]).includes(fact);

const instantColumns: Record<InstantFact, FactColumn> = {
  firstSeenAt: 'first_seen_at',
  lastSeenAt: 'last_seen_at',
  leadAt: 'lead_at',
  signedUpAt: 'signed_up_at',
  firstOrderAt: 'first_order_at',
  lastOrderAt: 'last_order_at',
  subscriptionStartedAt: 'subscription_started_at',
  subscriptionRenewedAt: 'subscription_renewed_at',
  subscriptionCancelledAt: 'subscription_cancelled_at',
};

const booleanColumns: Record<BooleanFact, readonly FactColumn[]> = {
  identified: ['user_id', 'email'],
  subscribed: ['subscription_started_at', 'subscription_renewed_at'],
};

/** The columns of which one has to be there for an instant to be known or a truth to hold. */
export const factColumnsOf = (fact: InstantFact | BooleanFact): readonly FactColumn[] =>
  isInstantFact(fact) ? [instantColumns[fact]] : booleanColumns[fact];

/** The value of a fact, null where the customer has none. */
export function numberSql(fact: NumberFact, { column }: Pick<Scope, 'column'>): Prisma.Sql {
  switch (fact) {
    case 'orderCount':
      return column('orders');
    case 'netRevenue':
      return Prisma.sql`(${column('gross_revenue')} - ${column('refunded')})`;
    case 'averageOrderValue':
      return Prisma.sql`(${column('gross_revenue')}::numeric / nullif(${column('orders')}, 0))`;
    case 'grossRevenue':
      return column('gross_revenue');
    case 'activeDays':
      return column('active_days');
    case 'subscriptionRenewals':
      return column('subscription_renewals');
    default:
      return column(fact);
  }
}

export const instantSql = (fact: InstantFact, { column }: Pick<Scope, 'column'>) =>
  column(instantColumns[fact]);

/** Never null. */
export function booleanSql(fact: BooleanFact, { column }: Pick<Scope, 'column'>): Prisma.Sql {
  if (fact === 'identified') {
    return Prisma.sql`(${column('user_id')} is not null or ${column('email')} is not null)`;
  }
  const alive = Prisma.sql`greatest(${column('subscription_started_at')}, ${column('subscription_renewed_at')})`;
  return Prisma.sql`coalesce(${alive} > coalesce(${column('subscription_cancelled_at')},
    '-infinity'::timestamptz), false)`;
}
