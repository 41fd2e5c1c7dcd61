import {
  advocate,
  churned,
  dormant,
  engaged,
  onboarding,
  reactivated,
  reactivatedByOrder,
  stillChurned,
  stillDormant,
} from './awareness-to-retention-rules.ts';
import { customer, repeatCustomer } from './clauses.ts';
import type { LifecycleTemplate } from './lifecycle-template.ts';

export const awarenessToRetention: LifecycleTemplate = {
  key: 'AWARENESS_TO_RETENTION',
  name: 'Awareness to retention',
  description:
    'Awareness, acquisition, onboarding, engagement, retention, advocacy; dormant, churned and reactivated as separate stages. From article 004.',
  source: ['awareness, acquisition, onboarding, engagement, and retention', 'Ractivation or churn'],
  stages: [
    {
      key: 'AWARENESS',
      name: 'Awareness',
      synonyms: ['Reach', 'Lead'],
      phase: 'AWARENESS',
      description:
        'Anybody who was seen and has not bought yet, leads included: “build trust and create a strong impression”.',
      entry: { all: [] },
    },
    {
      key: 'ACQUISITION',
      name: 'Acquisition',
      synonyms: ['Conversion', 'Purchase'],
      phase: 'CONVERSION',
      description:
        'Has bought or subscribed, “getting customers to purchase”. This is the purchase, not the lead of other models.',
      entry: customer,
      expectedDuration: 'P1D',
    },
    {
      key: 'ONBOARDING',
      name: 'Onboarding',
      synonyms: [],
      phase: 'ONBOARDING',
      description:
        'Learns to use what was bought, “ensuring a smooth onboarding experience” by “product tutorials and customer support”: from the day after the purchase, or at once with a step of the onboarding, a tutorial, a delivery or a question to support.',
      entry: onboarding,
      stay: customer,
      expectedDuration: 'P30D',
    },
    {
      key: 'ENGAGEMENT',
      name: 'Engagement',
      synonyms: [],
      phase: 'ENGAGEMENT',
      description:
        'Uses it, “keeping them updated on new features, deals, and updates to your overall brand”: has completed the onboarding, or was seen a week or more after the purchase and on three days in all; whoever was here or further once, too.',
      entry: engaged,
    },
    {
      key: 'RETENTION',
      name: 'Retention',
      synonyms: ['Loyalty'],
      phase: 'RETENTION',
      description:
        'Has come back, “discounts on repeat purchases or special offers for loyal customers”: two orders or more, or a running subscription that was renewed.',
      entry: repeatCustomer,
    },
    {
      key: 'ADVOCACY',
      name: 'Advocacy',
      synonyms: ['Referral'],
      phase: 'ADVOCACY',
      description:
        'Wins others, “encourage existing customers to refer their friends and family members”: within 365 days has sent a referral, a testimonial, a story or a review of four stars or more.',
      entry: advocate,
    },
    {
      key: 'DORMANT',
      name: 'Dormant',
      synonyms: ['Inactive', 'Lapsed'],
      phase: 'CHURN',
      description:
        'One of the “dormant customers who have not purchased from your business in a while or have recently opted out of certain services”: a customer silent for 90 days, or one who unsubscribed from messages and has neither a running subscription nor ordered since or within 30 days; whoever opted out has to buy to come back.',
      entry: dormant,
      stay: stillDormant,
    },
    {
      key: 'CHURNED',
      name: 'Churned',
      synonyms: ['Lost', 'Churn'],
      phase: 'CHURN',
      description:
        'Lost, the “churn” of “Ractivation or churn”: a customer silent for 365 days (13 months where a subscription runs), or one whose subscription is cancelled, until it subscribes or buys again (an order counts for 90 days).',
      entry: churned,
      stay: stillChurned,
    },
    {
      key: 'REACTIVATED',
      name: 'Reactivated',
      synonyms: ['Reactivation', 'Won back'],
      phase: 'REACTIVATION',
      description:
        'Came back after it was dormant or churned, “re-engages dormant customers”; for 30 days, then its other stages say where it is.',
      entry: reactivated,
      stay: reactivatedByOrder,
      expectedDuration: 'P30D',
    },
  ],
};
