import type { EventEffect } from '../../engine/customers/event-effect.ts';

/** The commerce and lifecycle events known by name. */
export const recordEffects: readonly EventEffect[] = [
  { name: 'order', events: ['Order Completed'] },
  { name: 'order_updated', events: ['Order Updated'] },
  { name: 'order_cancelled', events: ['Order Cancelled', 'Order Canceled'] },
  { name: 'refund', events: ['Order Refunded'] },
  { name: 'lead', events: ['Lead Captured'] },
  { name: 'sign_up', events: ['Signed Up'] },
  { name: 'subscription_started', events: ['Subscription Started'] },
  { name: 'subscription_renewed', events: ['Subscription Renewed'] },
  {
    name: 'subscription_cancelled',
    events: ['Subscription Cancelled', 'Subscription Canceled'],
  },
];
