import { currencyExponentSql } from '../../../platform/minor-units.ts';
import { type Sql, sql } from '../../../platform/sql.ts';

/** The currency and the two clocks of a rate, as SQL. */
interface RateQuery {
  workspaceId: string;
  currency: Sql;
  day: Sql;
  knownAt: Date;
}

/**
 * The rate that applies on a day, as it was known at an instant: of the latest day up to it, and of several rates of
 * that day the one learned last. Null without one. Decision 0047.
 */
export const rateSql = ({ workspaceId, currency, day, knownAt }: RateQuery): Sql => sql`(
  select r.rate from exchange_rate r
  where r.workspace_id = ${workspaceId}::uuid and r.currency = ${currency}
    and r.effective_on <= ${day} and r.known_at <= ${knownAt}::timestamptz
  order by r.effective_on desc, r.known_at desc limit 1)`;

/** An amount in minor units of one currency in those of another, with fractions of them. */
export const convertSql = (amount: Sql, { rate, from, to }: Record<'rate' | 'from' | 'to', Sql>) =>
  sql`(${amount} * ${rate} * 10::numeric ^ (${currencyExponentSql(to)} - ${currencyExponentSql(from)}))`;
