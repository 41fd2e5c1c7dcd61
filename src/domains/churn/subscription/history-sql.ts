import { rawSql, type Sql, sql } from '../../../platform/sql.ts';
import { kindsByName } from './reported-events.ts';

/** The name of the event `e`, normalised as in `kindsByName`. */
export const reportedName = sql`lower(btrim(e.name))`;

const subscriptionNames = Object.keys(kindsByName).map((name) => `'${name}'`);

/** Whether `e` is a subscription event. The text must equal the condition of the index `event_subscription`. */
export const isSubscriptionEvent = rawSql(
  `(e.kind = 'track' and lower(btrim(e.name)) in (${subscriptionNames.join(', ')}))`,
);

/** Whether `e` is activity of a subscriber: what it does, other than subscribing. */
export const isUsage = sql`(e.origin = 'CUSTOMER' and not ${isSubscriptionEvent})`;

/** Whether `e` sets the terms of a subscription. */
export const setsTerms = sql`e.effect in ('subscription_started', 'subscription_renewed')`;

/** The start of the day (UTC) of `e`. */
export const startOfDay = sql`date_trunc('day', e.occurred_at, 'UTC')`;

export const toMs = (instant: Sql) => sql`round(extract(epoch from ${instant}) * 1000)::float8`;
