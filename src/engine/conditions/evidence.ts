import { Prisma } from '../../../prisma/generated/client.ts';
import { bandPlace, flagPlace } from '../../domains/churn/filter/risk-clause.ts';
import { scoreSql } from '../../domains/churn/filter/risk-sql.ts';
import type { Sql } from '../../platform/database.ts';
import { given } from './compare.ts';
import {
  countSteps,
  isMetByNone,
  isWithin,
  matchingEvents,
  measureSql,
  rollingSpan,
} from './event-clause.ts';
import { factEvents, factValue, isMetByNothing } from './fact-evidence.ts';
import type {
  DidCondition,
  FactCondition,
  Filter,
  NumberComparison,
  TagCondition,
} from './filter.ts';
import type { Place } from './tree.ts';
import type { Vocabulary } from './vocabulary.ts';

/** What an answer rests on. */
export interface Evidence {
  /** The value that was compared, as JSON: a fact, a trait, a measure, a stage. */
  actual: unknown;
  /** The events without which the answer would be the other one, newest first, at most a hundred. */
  eventIds: string[];
  /** Events that would have to come for the clause to hold, and how many of them. */
  missing: { events: string[]; count: number } | null;
}

interface Asked {
  workspaceId: string;
  vocabulary: Vocabulary;
  customerId: string;
  at: Date;
  places: Map<string, Place> | undefined;
}

const nothing: Evidence = { actual: null, eventIds: [], missing: null };
const mostEvents = 100;

/** What one clause rests on; nothing by itself for a part that is made of others. */
export async function evidenceFor(
  sql: Sql,
  asked: Asked,
  clause: Filter,
  holds: boolean,
): Promise<Evidence> {
  if ('fact' in clause) return factEvidence(sql, asked, clause.fact, holds);
  if ('did' in clause) return didEvidence(sql, asked, clause.did, holds);
  if ('trait' in clause) return traitEvidence(sql, asked, clause.trait.name, holds);
  if ('consent' in clause) {
    return traitEvidence(sql, asked, `consent:${clause.consent.purpose}`, holds);
  }
  if ('tag' in clause) return tagEvidence(sql, asked, clause.tag, holds);
  if ('stage' in clause) return { ...nothing, actual: stageOf(asked, clause.stage.lifecycle) };
  if ('risk' in clause || 'lifetimeValue' in clause) {
    return { ...nothing, actual: await riskOf(sql, asked) };
  }
  if ('identity' in clause)
    return { ...nothing, actual: await namesOf(sql, asked, clause.identity.kind) };
  return nothing;
}

function stageOf({ vocabulary, places }: Asked, key: string | undefined) {
  const lifecycle = vocabulary.lifecycles.find((one) =>
    key === undefined ? one.isDefault : one.key.toUpperCase() === key.toUpperCase(),
  );
  const place = lifecycle && places?.get(lifecycle.id);
  return place ? { stage: place.stageKey, since: new Date(place.since).toISOString() } : null;
}

/** What the customer is assessed at; null for whoever never was active. */
async function riskOf(sql: Sql, asked: Asked): Promise<unknown> {
  const { workspaceId, customerId, places, vocabulary, at } = asked;
  const model = vocabulary.riskModel;
  if (!model) return null;
  const scope = {
    at: Prisma.sql`${at}::timestamptz`,
    column: (name: string) => Prisma.raw(`c.${name}`),
  };
  const { text, values } = Prisma.sql`
    select ${scoreSql(model, scope)} as score, r.lifetime_value::float8 as "lifetimeValue"
    from customer c
    left join customer_risk r on r.workspace_id = c.workspace_id and r.customer_id = c.id
    where c.workspace_id = ${workspaceId}::uuid and c.id = ${customerId}::uuid`;
  const { rows } = await sql.query<{ score: number | null; lifetimeValue: number | null }>(
    text,
    values,
  );
  const band = places?.get(bandPlace);
  return {
    ...rows[0],
    band: band?.stageKey ?? null,
    since: band ? new Date(band.since).toISOString() : null,
    flagged: places?.has(flagPlace) ?? false,
  };
}

/** Which events are the customer's own, as a condition on the row `e`. */
const own = ({ workspaceId, customerId, at }: Asked) => Prisma.sql`
  e.workspace_id = ${workspaceId}::uuid and e.occurred_at <= ${at}::timestamptz
  and e.customer_id in (select m.id from customer m where m.workspace_id = ${workspaceId}::uuid
    and (m.id = ${customerId}::uuid or m.merged_into = ${customerId}::uuid))`;

async function findEvents(sql: Sql, asked: Asked, which: Prisma.Sql): Promise<string[]> {
  const { text, values } = Prisma.sql`select e.id from event e where ${own(asked)} and ${which}
    order by e.occurred_at desc, e.arrival desc limit ${mostEvents}::int`;
  const { rows } = await sql.query<{ id: string }>(text, values);
  return rows.map(({ id }) => id);
}

async function readValue(sql: Sql, query: Prisma.Sql): Promise<unknown> {
  const { rows } = await sql.query<{ value: unknown }>(query.text, query.values);
  return rows[0]?.value ?? null;
}

async function didEvidence(
  sql: Sql,
  asked: Asked,
  condition: DidCondition,
  holds: boolean,
): Promise<Evidence> {
  const { timeZone } = asked.vocabulary;
  const span = rollingSpan(condition, timeZone);
  const at = Prisma.sql`${asked.at}::timestamptz`;
  const within = span ? Prisma.sql`and ${isWithin(at, span, timeZone)}` : Prisma.empty;
  const which = Prisma.sql`${matchingEvents(condition, timeZone)} ${within}`;
  const actual = await readValue(
    sql,
    Prisma.sql`select to_jsonb(${measureSql(condition)}) as value from event e
      where ${own(asked)} and ${which}`,
  );
  const eventIds = holds === isMetByNone(condition) ? [] : await findEvents(sql, asked, which);
  const comparison = condition.measure ? condition.measure.count : { atLeast: 1 };
  const missing =
    holds || !comparison ? null : lacking(comparison, Number(actual), condition.event);
  return { actual, eventIds, missing };
}

/** How many more would be enough; null where more would not help. */
function lacking(comparison: NumberComparison, count: number, events: string[]) {
  const { from, negated } = countSteps(comparison);
  return !negated && count < from ? { events, count: from - count } : null;
}

async function factEvidence(
  sql: Sql,
  asked: Asked,
  condition: FactCondition,
  holds: boolean,
): Promise<Evidence> {
  const [fact, comparison] = given(condition);
  const { workspaceId, customerId } = asked;
  const actual = await readValue(
    sql,
    Prisma.sql`select to_jsonb(${factValue(fact)}) as value from customer c
      where c.workspace_id = ${workspaceId}::uuid and c.id = ${customerId}::uuid`,
  );
  const { which, names } = factEvents[fact];
  const eventIds = holds === isMetByNothing(condition) ? [] : await findEvents(sql, asked, which);
  const isCounted = fact === 'orderCount' || fact === 'subscriptionRenewals' || fact === 'events';
  const missing =
    isCounted && !holds ? lacking(comparison as NumberComparison, Number(actual), names) : null;
  return { actual, eventIds, missing };
}

async function traitEvidence(
  sql: Sql,
  asked: Asked,
  name: string,
  holds: boolean,
): Promise<Evidence> {
  const { workspaceId, customerId } = asked;
  const actual = await readValue(
    sql,
    Prisma.sql`select c.traits -> ${name}::text as value from customer c
      where c.workspace_id = ${workspaceId}::uuid and c.id = ${customerId}::uuid`,
  );
  return {
    actual,
    eventIds: holds ? await findEvents(sql, asked, told([name])) : [],
    missing: null,
  };
}

const told = (names: string[]) =>
  Prisma.sql`e.kind = 'identify' and jsonb_exists_any(e.properties, ${names}::text[])`;

/** Which of the tags asked for the customer has; as long as it has one of them, these are the evidence. */
async function tagEvidence(
  sql: Sql,
  asked: Asked,
  { in: wanted, notIn }: TagCondition,
  holds: boolean,
): Promise<Evidence> {
  const { workspaceId, customerId } = asked;
  const tags = wanted ?? notIn ?? [];
  const { text, values } = Prisma.sql`
    select tag from customer c, unnest(${tags}::text[]) as tag
    where c.workspace_id = ${workspaceId}::uuid and c.id = ${customerId}::uuid
      and c.traits -> ('tag:' || tag) = 'true'`;
  const { rows } = await sql.query<{ tag: string }>(text, values);
  const actual = rows.map(({ tag }) => tag);
  const has = holds === (wanted !== undefined);
  const names = actual.map((tag) => `tag:${tag}`);
  return { actual, eventIds: has ? await findEvents(sql, asked, told(names)) : [], missing: null };
}

async function namesOf(sql: Sql, { workspaceId, customerId }: Asked, kind: string) {
  const { text, values } = Prisma.sql`select i.value from identity i
    join customer m on m.workspace_id = ${workspaceId}::uuid and m.id = i.customer_id
    where i.workspace_id = ${workspaceId}::uuid and i.kind = ${kind}::text
      and (m.id = ${customerId}::uuid or m.merged_into = ${customerId}::uuid)
    order by i.value limit ${mostEvents}::int`;
  const { rows } = await sql.query<{ value: string }>(text, values);
  return rows.map(({ value }) => value);
}
