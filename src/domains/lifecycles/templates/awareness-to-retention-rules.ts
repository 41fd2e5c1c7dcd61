import type { Filter } from '../../../engine/conditions/filter.ts';
import { customer, promoter, subscriber } from './clauses.ts';

const lifecycle = 'AWARENESS_TO_RETENTION';

/** `stay` prevents that a second subscription restarts onboarding. */
export const onboarding: Filter = {
  any: [
    { fact: { firstOrderAt: { olderThan: 'P1D' } } },
    { fact: { subscriptionStartedAt: { olderThan: 'P1D' } } },
    {
      all: [
        customer,
        {
          did: {
            event: [
              'Onboarding Started',
              'Onboarding Step Completed',
              'Tutorial Started',
              'Tutorial Completed',
              'Order Delivered',
              'Support Ticket Opened',
            ],
          },
        },
      ],
    },
  ],
};

const wasFurther: Filter = {
  stage: { lifecycle, in: ['ENGAGEMENT', 'RETENTION', 'ADVOCACY', 'REACTIVATED'], ever: true },
};

/** Seen within the last week and a customer for longer than that: seen after the purchase. */
const wasSeenAWeekAfter: Filter = {
  all: [
    {
      any: [
        { fact: { firstOrderAt: { olderThan: 'P7D' } } },
        { fact: { subscriptionStartedAt: { olderThan: 'P7D' } } },
      ],
    },
    { fact: { lastSeenAt: { withinLast: 'P7D' } } },
    { fact: { activeDays: { atLeast: 3 } } },
  ],
};

export const engaged: Filter = {
  all: [
    customer,
    { any: [{ did: { event: ['Onboarding Completed'] } }, wasSeenAWeekAfter, wasFurther] },
  ],
};

export const advocate: Filter = { all: [customer, promoter] };

const hasOptedOut: Filter = {
  all: [
    customer,
    { did: { event: ['Unsubscribed'] } },
    { not: { fact: { lastOrderAt: { withinLast: 'P30D' } } } },
    { not: subscriber },
  ],
};

/** An opt-out counts for no longer than an order, so that an order after it undoes it. */
export const dormant: Filter = {
  any: [
    { all: [customer, { fact: { lastSeenAt: { olderThan: 'P90D' } } }] },
    {
      all: [hasOptedOut, { did: { event: ['Unsubscribed'], window: { within: 'P30D' } } }],
    },
  ],
};

/** Being seen again is not enough of somebody who has opted out. */
export const stillDormant = hasOptedOut;

const formerSubscriber: Filter = {
  all: [{ fact: { subscriptionCancelledAt: { exists: true } } }, { not: subscriber }],
};

/** A year; where a subscription runs a month more, for a yearly renewal is a sign of life. */
const silentForAYear: Filter = {
  any: [
    { all: [{ not: subscriber }, { fact: { lastSeenAt: { olderThan: 'P365D' } } }] },
    { fact: { lastSeenAt: { olderThan: 'P13M' } } },
  ],
};

/**
 * A cancellation counts at once, whatever was ordered before it. After a week, when `stay` has taken
 * over, it counts only for those who do not order: the others have bought since.
 */
export const churned: Filter = {
  any: [
    { all: [customer, silentForAYear] },
    {
      all: [
        formerSubscriber,
        {
          any: [
            { fact: { subscriptionCancelledAt: { withinLast: 'P7D' } } },
            { not: { fact: { lastOrderAt: { withinLast: 'P90D' } } } },
          ],
        },
      ],
    },
  ],
};

export const stillChurned: Filter = { any: [formerSubscriber, hasOptedOut] };

const wasAway: Filter = { stage: { lifecycle, in: ['DORMANT', 'CHURNED'], within: 'P30D' } };

/** An order within the span, and a cancellation before it. */
const hasOrderedSinceCancelling = (span: string): Filter => ({
  all: [
    { fact: { lastOrderAt: { withinLast: span } } },
    { fact: { subscriptionCancelledAt: { olderThan: span } } },
  ],
});

/** A former subscriber, and who opted out, has to buy; of anybody else it is enough to be seen. */
export const reactivated: Filter = {
  all: [
    wasAway,
    { fact: { lastSeenAt: { withinLast: 'P30D' } } },
    {
      any: [
        { all: [{ not: hasOptedOut }, { not: formerSubscriber }] },
        hasOrderedSinceCancelling('PT1H'),
        hasOrderedSinceCancelling('P1D'),
      ],
    },
  ],
};

/** Keeps a former subscriber who ordered, until a cancellation of another subscription. */
export const reactivatedByOrder: Filter = {
  all: [
    wasAway,
    { fact: { lastOrderAt: { withinLast: 'P30D' } } },
    { not: { fact: { subscriptionCancelledAt: { withinLast: 'PT1H' } } } },
  ],
};
