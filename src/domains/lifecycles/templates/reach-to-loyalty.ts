import type { LifecycleTemplate } from './lifecycle-template.ts';

/** The default lifecycle of a new workspace. */
export const reachToLoyalty: LifecycleTemplate = {
  key: 'REACH_TO_LOYALTY',
  name: 'Reach to loyalty',
  description:
    'Reach, acquisition, conversion, retention, loyalty: from first contact to regular customer. From article 000.',
  source: ['The Five Stages of Customer Lifecycle Management'],
  stages: [
    {
      key: 'REACH',
      name: 'Reach',
      synonyms: ['Awareness'],
      phase: 'AWARENESS',
      description:
        'Anybody who was seen, an anonymous visitor included: “targeted advertising, content marketing, or organic search”.',
      entry: { all: [] },
    },
    {
      key: 'ACQUISITION',
      name: 'Acquisition',
      synonyms: ['Lead'],
      phase: 'ACQUISITION',
      description:
        'A lead, “converting prospects into qualified leads”: has a user id or an e-mail address, was captured as a lead or signed up.',
      entry: {
        any: [{ fact: { identified: true } }, { fact: { leadAt: { exists: true } } }],
      },
    },
    {
      key: 'CONVERSION',
      name: 'Conversion',
      synonyms: ['Purchase'],
      phase: 'CONVERSION',
      description: 'Has ordered once: “leads transform into paying customers”.',
      entry: { fact: { orderCount: { atLeast: 1 } } },
    },
    {
      key: 'RETENTION',
      name: 'Retention',
      synonyms: [],
      phase: 'RETENTION',
      description: 'Has come back, “Repeat purchases”: two to four orders.',
      entry: { fact: { orderCount: { atLeast: 2 } } },
    },
    {
      key: 'LOYALTY',
      name: 'Loyalty',
      synonyms: [],
      phase: 'LOYALTY',
      description: 'A regular, of “a stable base of loyal customers”: five orders or more.',
      entry: { fact: { orderCount: { atLeast: 5 } } },
    },
  ],
};
