import { Prisma } from '../../prisma/generated/client.ts';

/**
 * What one clause says in SQL: it is steady (time alone never changes it); it holds during [since, until),
 * never if a bound is null; it holds or not and has to be asked again at
 * an instant that is never null; or the contrary of such a clause.
 */
export type ClauseSql =
  | { steady: Prisma.Sql }
  | { since: Prisma.Sql; until: Prisma.Sql }
  | { holds: Prisma.Sql; askAgain: Prisma.Sql }
  | { not: ClauseSql };

/**
 * An answer as one number, so that answers can be combined: its size is the instant until which it
 * stands (seconds since 1900, infinite if for ever), its sign says whether it is yes or no. Then `all` is
 * the least, `any` the greatest and `not` the negative of the answers it is made of.
 */
export type Answer = number;

/** Seconds from 1900, before which nothing can happen here, to 1970. */
const shift = 2_208_988_800;

/** The instant (ms since 1970) until which an answer stands. */
export const standsUntil = (answer: Answer) => (Math.abs(answer) - shift) * 1_000;

export const answerOf = (holds: boolean, until: number): Answer =>
  (holds ? 1 : -1) * (until / 1_000 + shift);

export const forEver = (holds: boolean): Answer =>
  holds ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;

const shiftSql = Prisma.raw(String(shift));
const seconds = (instant: Prisma.Sql) => Prisma.sql`(date_part('epoch', ${instant}) + ${shiftSql})`;

/** Whether the clause holds at the instant, as a boolean that is never null. */
export function holdsSql(clause: ClauseSql, at: Prisma.Sql): Prisma.Sql {
  if ('steady' in clause) return clause.steady;
  if ('holds' in clause) return clause.holds;
  if ('not' in clause) return Prisma.sql`not (${holdsSql(clause.not, at)})`;
  return Prisma.sql`coalesce(${clause.since} <= ${at} and ${at} < ${clause.until}, false)`;
}

/** The clause's answer at the instant, as the number described at `Answer`. */
export function answerSql(clause: ClauseSql, at: Prisma.Sql): Prisma.Sql {
  if ('steady' in clause) {
    return Prisma.sql`case when ${clause.steady} then 'infinity'::float8 else '-infinity'::float8 end`;
  }
  if ('not' in clause) return Prisma.sql`- (${answerSql(clause.not, at)})`;
  if ('holds' in clause) {
    const until = seconds(clause.askAgain);
    return Prisma.sql`case when ${clause.holds} then ${until} else - ${until} end`;
  }
  const { since, until } = clause;
  // A bound that is null makes both comparisons null: then it never holds.
  return Prisma.sql`case
    when ${since} <= ${at} and ${at} < ${until} then ${seconds(until)}
    when ${at} < ${since} and ${since} < ${until} then - ${seconds(since)}
    else '-infinity'::float8 end`;
}

/** The instant at which the clause next changes, infinite if never; null for a steady one. */
export function nextChangeSql(clause: ClauseSql, at: Prisma.Sql): Prisma.Sql {
  if ('steady' in clause) return Prisma.sql`null::timestamptz`;
  if ('holds' in clause) return clause.askAgain;
  if ('not' in clause) return nextChangeSql(clause.not, at);
  return Prisma.sql`case when ${at} < ${clause.since} then ${clause.since}
    when ${at} < ${clause.until} then ${clause.until} end`;
}

/** Whether time alone can change the answer. */
export const isSteady = (clause: ClauseSql): boolean =>
  'not' in clause ? isSteady(clause.not) : 'steady' in clause;

export const always = Prisma.sql`'infinity'::timestamptz`;
export const beginning = Prisma.sql`'-infinity'::timestamptz`;
