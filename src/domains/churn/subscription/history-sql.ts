import { Prisma } from '../../../../prisma/generated/client.ts';
import { kindsByName } from './reported-events.ts';

/** The name of the event `e` as `kindsByName` has it. */
export const reportedName = Prisma.sql`lower(btrim(e.name))`;

const subscriptionNames = Object.keys(kindsByName).map((name) => `'${name}'`);

/** Whether `e` tells of a subscription: in the words of the index `event_subscription`, which finds few among many. */
export const isSubscriptionEvent = Prisma.raw(
  `(e.kind = 'track' and lower(btrim(e.name)) in (${subscriptionNames.join(', ')}))`,
);

/** Whether it sets the terms of one. */
export const setsTerms = Prisma.sql`e.effect in ('subscription_started', 'subscription_renewed')`;

/** The day (UTC) of `e`, as an instant. */
export const startOfDay = Prisma.sql`date_trunc('day', e.occurred_at, 'UTC')`;

export const toMs = (instant: Prisma.Sql) =>
  Prisma.sql`round(extract(epoch from ${instant}) * 1000)::float8`;
