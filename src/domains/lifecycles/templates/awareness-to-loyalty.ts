import { customer, recentRepeatCustomer } from './clauses.ts';
import type { LifecycleTemplate } from './lifecycle-template.ts';

export const awarenessToLoyalty: LifecycleTemplate = {
  key: 'AWARENESS_TO_LOYALTY',
  name: 'Awareness to loyalty',
  description: 'Awareness, consideration, loyalty: three stages. From article 001.',
  source: [
    'such as awareness, consideration, and loyalty',
    'from initial contact to post-purchase follow-up',
  ],
  stages: [
    {
      key: 'AWARENESS',
      name: 'Awareness',
      synonyms: ['Reach'],
      phase: 'AWARENESS',
      description:
        'Anybody who was seen: “targeted marketing campaigns to reach potential customers in the awareness stage”.',
      entry: { all: [] },
    },
    {
      key: 'CONSIDERATION',
      name: 'Consideration',
      synonyms: ['Evaluation'],
      phase: 'ACQUISITION',
      description:
        'Weighs a purchase, or has made one: “offer incentives to encourage customers to make a purchase in the consideration stage”. A lead, whoever in the last 90 days looked at two products, filled a cart or began a checkout or a trial, and customers who have not come back.',
      entry: {
        any: [
          { fact: { leadAt: { exists: true } } },
          {
            did: {
              event: ['Product Viewed'],
              window: { within: 'P90D' },
              measure: { count: { atLeast: 2 } },
            },
          },
          {
            did: {
              event: ['Product Added', 'Checkout Started', 'Trial Started'],
              window: { within: 'P90D' },
            },
          },
          customer,
        ],
      },
    },
    {
      key: 'LOYALTY',
      name: 'Loyalty',
      synonyms: [],
      phase: 'LOYALTY',
      description:
        'Has come back, “measure customer satisfaction and loyalty”: two orders or more, the last one within 365 days, or a running subscription that was renewed.',
      entry: recentRepeatCustomer,
    },
  ],
};
