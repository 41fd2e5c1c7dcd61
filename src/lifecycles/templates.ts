import type { Filter } from '../conditions/filter.ts';

export interface LifecycleTemplate {
  key: string;
  name: string;
  description: string;
  stages: StageTemplate[];
}

interface StageTemplate {
  key: string;
  name: string;
  description: string;
  phase: string;
  entry: Filter;
}

/** The five stages of article 000, the default lifecycle of a new workspace. */
export const article000: LifecycleTemplate = {
  key: 'ARTICLE_000',
  name: 'The five stages',
  description: 'Reach, acquisition, conversion, retention, loyalty: from first contact to regular.',
  stages: [
    {
      key: 'REACH',
      name: 'Reach',
      description: 'Anybody who was seen, an anonymous visitor included.',
      phase: 'AWARENESS',
      entry: { all: [] },
    },
    {
      key: 'ACQUISITION',
      name: 'Acquisition',
      description:
        'A lead: has a user id or an e-mail address, was captured as a lead or signed up.',
      phase: 'ACQUISITION',
      entry: {
        any: [{ fact: { identified: true } }, { fact: { leadAt: { exists: true } } }],
      },
    },
    {
      key: 'CONVERSION',
      name: 'Conversion',
      description: 'Has ordered once.',
      phase: 'CONVERSION',
      entry: { fact: { orders: { atLeast: 1 } } },
    },
    {
      key: 'RETENTION',
      name: 'Retention',
      description: 'Has come back: two to four orders.',
      phase: 'RETENTION',
      entry: { fact: { orders: { atLeast: 2 } } },
    },
    {
      key: 'LOYALTY',
      name: 'Loyalty',
      description: 'A regular: five orders or more.',
      phase: 'LOYALTY',
      entry: { fact: { orders: { atLeast: 5 } } },
    },
  ],
};
