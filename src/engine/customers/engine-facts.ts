import { sql } from '../../platform/sql.ts';
import { viewEffect } from './effects.ts';
import type { Fact } from './fact.ts';
import { count, days, earliest, latest, sessions } from './fold.ts';

/** The facts that are derived from events of any kind. */
export const engineFacts: readonly Fact[] = [
  { name: 'firstSeenAt', column: 'first_seen_at', description: 'The first event.', fold: earliest },
  { name: 'lastSeenAt', column: 'last_seen_at', description: 'The latest event.', fold: latest },
  { name: 'events', column: 'events', description: 'Number of events.', fold: count },
  {
    name: 'activeDays',
    column: 'active_days',
    description: "Days with at least one event, in the workspace's time zone.",
    fold: days({ first: 'first_seen_at', last: 'last_seen_at' }),
  },
  {
    name: 'sessions',
    column: 'sessions',
    description: 'Sessions, as in `Customer.sessionCount`.',
    fold: sessions,
    effects: [viewEffect],
  },
  {
    name: 'identified',
    type: 'boolean',
    description: 'Known by a user id or an email address.',
    columns: ['user_id', 'email'],
    falseWithout: ['user_id', 'email'],
    sql: (column) => sql`(${column('user_id')} is not null or ${column('email')} is not null)`,
  },
];
