import type { DidCondition, Filter } from '../../../engine/conditions/filter.ts';

/** What the rules of several templates are made of; each holds for a shop and for a subscription business. */

/** Has bought or subscribed. */
export const customer: Filter = {
  any: [
    { fact: { orderCount: { atLeast: 1 } } },
    { fact: { subscriptionStartedAt: { exists: true } } },
    { fact: { subscriptionRenewals: { atLeast: 1 } } },
  ],
};

export const subscriber: Filter = { fact: { subscribed: true } };

/** Has bought, or has a subscription that runs. */
export const presentCustomer: Filter = {
  any: [{ fact: { orderCount: { atLeast: 1 } } }, subscriber],
};

/** A subscriber who has renewed. */
const renewer: Filter = { all: [subscriber, { fact: { subscriptionRenewals: { atLeast: 1 } } }] };

/** Has bought twice, or has renewed the subscription that runs. */
export const repeatCustomer: Filter = {
  any: [{ fact: { orderCount: { atLeast: 2 } } }, renewer],
};

/** The same, unless the last order is a year ago. */
export const recentRepeatCustomer: Filter = {
  any: [
    {
      all: [
        { fact: { orderCount: { atLeast: 2 } } },
        { fact: { lastOrderAt: { withinLast: 'P365D' } } },
      ],
    },
    renewer,
  ],
};

/** Five orders, or a subscription that was renewed and has run for a year. */
export const regular: Filter = {
  any: [
    { fact: { orderCount: { atLeast: 5 } } },
    { all: [renewer, { fact: { subscriptionStartedAt: { olderThan: 'P1Y' } } }] },
  ],
};

const hasPromoted = (lately: Pick<DidCondition, 'window'>): Filter => ({
  any: [
    { did: { event: ['Referral Sent', 'Testimonial Submitted', 'Story Shared'], ...lately } },
    {
      did: {
        event: ['Review Submitted'],
        // A bad review is no recommendation.
        where: [{ name: 'rating', is: { number: { atLeast: 4 } } }],
        ...lately,
      },
    },
  ],
});

/** Has spoken for the brand in the last year. */
export const promoter = hasPromoted({ window: { within: 'P365D' } });

export const oncePromoter = hasPromoted({});
