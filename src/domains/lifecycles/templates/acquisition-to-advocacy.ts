import type { Filter } from '../../../engine/conditions/filter.ts';
import { customer, presentCustomer, promoter, recentRepeatCustomer } from './clauses.ts';
import type { LifecycleTemplate } from './lifecycle-template.ts';

const hasTakenMore: Filter = {
  did: {
    event: ['Plan Upgraded', 'Add-on Purchased', 'Upsell Accepted', 'Cross-sell Accepted'],
    window: { within: 'P365D' },
  },
};

const ordersIn90Days = (atLeast: number): Filter => ({
  did: {
    event: ['Order Completed'],
    window: { within: 'P90D' },
    measure: { count: { atLeast } },
  },
});

const expanding = (orders: number): Filter => ({
  all: [recentRepeatCustomer, { any: [hasTakenMore, ordersIn90Days(orders)] }],
});

export const acquisitionToAdvocacy: LifecycleTemplate = {
  key: 'ACQUISITION_TO_ADVOCACY',
  name: 'Acquisition to advocacy',
  description:
    'Acquisition, engagement, retention, expansion, advocacy: growth with existing customers. From article 003.',
  source: ['acquisition, engagement, retention, expansion, and advocacy'],
  stages: [
    {
      key: 'ACQUISITION',
      name: 'Acquisition',
      synonyms: ['Awareness', 'Lead'],
      phase: 'ACQUISITION',
      description:
        'Anybody who was seen and has not bought yet, from “the crucial first touchpoint between a potential customer and a brand” on: “The percentage of leads that turn into customers” is this stage’s.',
      entry: { all: [] },
    },
    {
      key: 'ENGAGEMENT',
      name: 'Engagement',
      synonyms: [],
      phase: 'ENGAGEMENT',
      description:
        'Has bought or subscribed, and is to be met with “Tailored emails and content recommendations”.',
      entry: customer,
    },
    {
      key: 'RETENTION',
      name: 'Retention',
      synonyms: [],
      phase: 'RETENTION',
      description:
        'Has come back, “how personalization impacts the frequency of purchases”: two orders or more, the last one within 365 days, or a running subscription that was renewed.',
      entry: recentRepeatCustomer,
    },
    {
      key: 'EXPANSION',
      name: 'Expansion',
      synonyms: ['Growth'],
      phase: 'EXPANSION',
      description:
        'Buys more, “personalized upselling and cross-selling”. Somebody who has come back (the stage before) and within 365 days has upgraded, taken an add-on or accepted an upsell or a cross-sell, or has ordered three times within 90 days; one order in 90 days is enough to remain.',
      entry: expanding(3),
      stay: expanding(1),
    },
    {
      key: 'ADVOCACY',
      name: 'Advocacy',
      synonyms: ['Ambassador'],
      phase: 'ADVOCACY',
      description:
        'A customer who speaks for the brand, “how often satisfied customers refer others”: has bought or has a running subscription, and within 365 days has sent a referral, a testimonial, a story or a review of four stars or more.',
      entry: { all: [presentCustomer, promoter] },
    },
  ],
};
