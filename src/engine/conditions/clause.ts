import { rawSql, type Sql, sql } from '../../platform/sql.ts';

/**
 * A clause in SQL, in one of four forms. `steady`: time alone never changes it. `since`, `until`: it holds during
 * [since, until), and never if a bound is null. `holds`, `expires`: the answer is valid until `expires`, which is
 * never null, and is then computed again. `not`: the negation of a clause.
 */
export type ClauseSql =
  | { steady: Sql }
  | { since: Sql; until: Sql }
  | { holds: Sql; expires: Sql }
  | { not: ClauseSql };

/**
 * An answer as one number, so that answers can be combined. Its absolute value is the instant until which it is
 * valid (seconds since 1900, or infinity); its sign is positive for yes and negative for no. `all` is then the
 * minimum of the parts, `any` the maximum and `not` the negative. Decision 0007.
 */
export type Answer = number;

/** Seconds from 1900 to 1970. Events before 1900 are refused. */
const shift = 2_208_988_800;

/** More than the rounding error of a double with these seconds, in ms. */
const imprecision = 0.002;

/** Converts seconds since 1900 to ms since 1970, rounded up. */
const toInstant = (since1900: number) =>
  Number.isFinite(since1900) ? Math.ceil((since1900 - shift) * 1_000 - imprecision) : since1900;

/** The instant (ms since 1970) until which an answer is valid; may be infinite. */
export const validUntil = (answer: Answer) => toInstant(Math.abs(answer));

/** The answer at an instant (ms) of a clause that holds during [since, until), in seconds since 1900. */
export function answerDuring(since: number, until: number, at: number): Answer {
  if (since >= until || at >= toInstant(until)) return permanentAnswer(false);
  return at < toInstant(since) ? -since : until;
}

/** Converts ms since 1970 to seconds since 1900. */
export const toSeconds = (instant: number) => instant / 1_000 + shift;

export const answerUntil = (holds: boolean, until: number): Answer =>
  (holds ? 1 : -1) * toSeconds(until);

export const permanentAnswer = (holds: boolean): Answer =>
  holds ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;

const shiftSql = rawSql(String(shift));
const seconds = (instant: Sql) => sql`(date_part('epoch', ${instant}) + ${shiftSql})`;

/** Whether the clause holds at the instant; never null. */
export function holdsSql(clause: ClauseSql, at: Sql): Sql {
  if ('steady' in clause) return clause.steady;
  if ('holds' in clause) return clause.holds;
  if ('not' in clause) return sql`not (${holdsSql(clause.not, at)})`;
  return sql`coalesce(${clause.since} <= ${at} and ${at} < ${clause.until}, false)`;
}

/** The bounds of a clause in seconds since 1900. A null bound becomes one that is never reached. */
export const boundsSql = ({ since, until }: { since: Sql; until: Sql }) =>
  sql`coalesce(${seconds(since)}, 'infinity'), coalesce(${seconds(until)}, '-infinity')`;

/** The answer of a clause that expires, as an `Answer`. */
export function answerSql({ holds, expires }: { holds: Sql; expires: Sql }) {
  const until = seconds(expires);
  return sql`case when ${holds} then ${until} else - ${until} end`;
}

export const permanentAnswerSql = (holds: Sql) =>
  sql`case when ${holds} then 'Infinity'::float8 else '-Infinity'::float8 end`;

/** The answer of any clause at an instant. */
export function answerAtSql(clause: ClauseSql, at: Sql): Sql {
  if ('steady' in clause) return permanentAnswerSql(clause.steady);
  if ('holds' in clause) return answerSql(clause);
  if ('not' in clause) return sql`- (${answerAtSql(clause.not, at)})`;
  const { since, until } = clause;
  return sql`case when not coalesce(${since} < ${until} and ${at} < ${until}, false)
    then '-Infinity'::float8 when ${at} < ${since} then - ${seconds(since)} else ${seconds(until)} end`;
}

/** The instant at which the clause next changes, infinite if never; null for a steady one. */
export function nextChangeSql(clause: ClauseSql, at: Sql): Sql {
  if ('steady' in clause) return sql`null::timestamptz`;
  if ('holds' in clause) return clause.expires;
  if ('not' in clause) return nextChangeSql(clause.not, at);
  return sql`case when ${at} < ${clause.since} then ${clause.since}
    when ${at} < ${clause.until} then ${clause.until} end`;
}

/** Whether time alone can change the answer. */
export const isSteady = (clause: ClauseSql): boolean =>
  'not' in clause ? isSteady(clause.not) : 'steady' in clause;

export const endOfTime = sql`'infinity'::timestamptz`;
export const startOfTime = sql`'-infinity'::timestamptz`;
