import type { Fact } from '../../engine/customers/fact.ts';
import { count, days, earliest, firstDaySum, latest, sum } from '../../engine/customers/fold.ts';
import { sql } from '../../platform/sql.ts';

const leadFacts: readonly Fact[] = [
  {
    name: 'leadAt',
    column: 'lead_at',
    description: 'When the customer was captured as a lead or signed up, whichever came first.',
    fold: earliest,
    effects: ['lead', 'sign_up'],
  },
  {
    name: 'signedUpAt',
    column: 'signed_up_at',
    description: 'When the customer signed up.',
    fold: earliest,
    effects: ['sign_up'],
  },
];

const orderFacts: readonly Fact[] = [
  {
    name: 'orderCount',
    column: 'orders',
    description: 'The number of orders, in any currency.',
    fold: count,
    effects: ['order'],
  },
  {
    name: 'firstOrderAt',
    column: 'first_order_at',
    description: 'The time of the first order.',
    fold: earliest,
    effects: ['order'],
  },
  {
    name: 'lastOrderAt',
    column: 'last_order_at',
    description: 'The time of the latest order.',
    fold: latest,
    effects: ['order'],
  },
  {
    name: 'orderDays',
    column: 'order_days',
    description: 'Days with at least one order.',
    fold: days({ first: 'first_order_at', last: 'last_order_at' }),
    effects: ['order'],
    isInternal: true,
  },
  {
    name: 'ownOrderCount',
    column: 'own_orders',
    description: "The number of orders in the workspace's currency.",
    fold: count,
    effects: ['order'],
    currency: 'OWN',
    isInternal: true,
  },
  {
    name: 'firstOwnOrderAt',
    column: 'first_own_order_at',
    description: "The time of the first order in the workspace's currency.",
    fold: earliest,
    effects: ['order'],
    currency: 'OWN',
    isInternal: true,
  },
  {
    name: 'lastOwnOrderAt',
    column: 'last_own_order_at',
    description: "The time of the latest order in the workspace's currency.",
    fold: latest,
    effects: ['order'],
    currency: 'OWN',
    isInternal: true,
  },
  {
    name: 'ownOrderDays',
    column: 'own_order_days',
    description: "Days with at least one order in the workspace's currency.",
    fold: days({ first: 'first_own_order_at', last: 'last_own_order_at' }),
    effects: ['order'],
    currency: 'OWN',
    isInternal: true,
  },
  {
    name: 'firstDayValue',
    column: 'first_day_value',
    description:
      "The sum of the orders in the workspace's currency on the first day with such an order.",
    fold: firstDaySum({ first: 'first_own_order_at' }),
    effects: ['order'],
    currency: 'OWN',
    isInternal: true,
  },
  {
    name: 'grossRevenue',
    column: 'gross_revenue',
    description: "The sum of the orders in the workspace's currency, in minor units.",
    fold: sum,
    effects: ['order'],
    currency: 'EACH',
  },
  {
    name: 'refunded',
    column: 'refunded',
    description: 'The sum of the refunds, in minor units.',
    fold: sum,
    effects: ['refund'],
    currency: 'EACH',
  },
  {
    name: 'netRevenue',
    type: 'number',
    description: 'Orders less refunds, in minor units.',
    columns: ['gross_revenue', 'refunded'],
    sql: (column) => sql`(${column('gross_revenue')} - ${column('refunded')})`,
  },
  {
    name: 'averageOrderValue',
    type: 'number',
    description:
      "Gross revenue divided by the number of orders in the workspace's currency, in minor units and fractions of them. Absent without such orders.",
    columns: ['gross_revenue', 'own_orders'],
    isNullable: true,
    sql: (column) =>
      sql`(${column('gross_revenue')}::numeric / nullif(${column('own_orders')}, 0))`,
  },
];

const subscriptionFacts: readonly Fact[] = [
  {
    name: 'subscriptionStartedAt',
    column: 'subscription_started_at',
    description: 'The time of the latest start of the subscription.',
    fold: latest,
    effects: ['subscription_started'],
  },
  {
    name: 'subscriptionRenewedAt',
    column: 'subscription_renewed_at',
    description: 'The time of the latest renewal of the subscription.',
    fold: latest,
    effects: ['subscription_renewed'],
  },
  {
    name: 'subscriptionRenewals',
    column: 'subscription_renewals',
    description: 'The number of renewals of the subscription.',
    fold: count,
    effects: ['subscription_renewed'],
  },
  {
    name: 'subscriptionCancelledAt',
    column: 'subscription_cancelled_at',
    description:
      'The time of the latest cancellation of the subscription, which may have started again since.',
    fold: latest,
    effects: ['subscription_cancelled'],
  },
  {
    name: 'subscribed',
    type: 'boolean',
    description: 'Whether the subscription was started or renewed, and not cancelled since.',
    columns: ['subscription_started_at', 'subscription_renewed_at', 'subscription_cancelled_at'],
    falseWithout: ['subscription_started_at', 'subscription_renewed_at'],
    sql(column) {
      const alive = sql`greatest(${column('subscription_started_at')}, ${column('subscription_renewed_at')})`;
      return sql`coalesce(${alive} > coalesce(${column('subscription_cancelled_at')},
        '-infinity'::timestamptz), false)`;
    },
  },
];

export const recordFacts: readonly Fact[] = [...leadFacts, ...orderFacts, ...subscriptionFacts];
