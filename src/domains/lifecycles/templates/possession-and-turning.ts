import { customer, oncePromoter, regular, repeatCustomer } from './clauses.ts';
import type { LifecycleTemplate } from './lifecycle-template.ts';

export const possessionAndTurning: LifecycleTemplate = {
  key: 'POSSESSION_AND_TURNING',
  name: 'Possession and turning',
  description:
    'Reach, possession, turning, retention, loyalty: from contact to promoter. From article 002.',
  source: [
    'reach, possession, turning, retention, and loyalty',
    'A customer reaches the last stages only if the previous stages influence them',
  ],
  stages: [
    {
      key: 'REACH',
      name: 'Reach',
      synonyms: ['Awareness'],
      phase: 'AWARENESS',
      description: 'Anybody something is known of, for instance “through social media marketing”.',
      entry: { all: [] },
    },
    {
      key: 'POSSESSION',
      name: 'Possession',
      synonyms: ['Acquisition'],
      phase: 'ACQUISITION',
      description:
        'Whoever “enters your webpage or connects with you through a call”: has viewed a page or a screen, has called, or is a lead.',
      entry: {
        any: [
          { fact: { sessions: { atLeast: 1 } } },
          { fact: { leadAt: { exists: true } } },
          { did: { event: ['Call Received', 'Call Completed'] } },
        ],
      },
    },
    {
      key: 'TURNING',
      name: 'Turning',
      synonyms: ['Conversion'],
      phase: 'CONVERSION',
      description:
        'Has turned into a customer, “Remove friction from the purchase stage”: one order or a subscription.',
      entry: customer,
    },
    {
      key: 'RETENTION',
      name: 'Retention',
      synonyms: [],
      phase: 'RETENTION',
      description:
        'Has come back, “increasing customer retention rates”: two orders or more, or a running subscription that was renewed.',
      entry: repeatCustomer,
    },
    {
      key: 'LOYALTY',
      name: 'Loyalty',
      synonyms: ['Promoter'],
      phase: 'LOYALTY',
      description:
        'Keeps “making additional purchases” or is one of the “loyal business promoters”. Somebody who has come back (the stage before) and has five orders, a renewed subscription that has run for a year, or has sent a referral, a testimonial, a story or a review of four stars or more.',
      entry: { all: [repeatCustomer, { any: [regular, oncePromoter] }] },
    },
  ],
};
