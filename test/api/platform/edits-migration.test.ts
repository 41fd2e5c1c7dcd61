import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { createLifetime } from '../../../src/platform/lifetime.ts';
import { type EarlierDatabase, openDatabaseBefore } from '../../support/earlier-database.ts';

const postgresUrl = inject('postgresUrl');
const lifetime = createLifetime();
let database: EarlierDatabase;

const id = (last: number) => `00000000-0000-7000-8000-0000000000${String(last).padStart(2, '0')}`;
const workspaceId = id(1);
const [ada, visitor, ben] = [id(2), id(3), id(4)];

const customer = (of: string, columns: Record<string, string>) => `
  insert into customer (workspace_id, id, ${Object.keys(columns).join(', ')}, first_seen_at, last_seen_at, evaluated_at)
    values ('${workspaceId}', '${of}', ${Object.values(columns).map((value) => `'${value}'`)},
      '2026-01-01', '2026-01-09', '2026-01-09');`;

interface Sent {
  number: number;
  of: string;
  day: number;
  messageId?: string;
  kind?: string;
  properties?: object;
  context?: object;
}

const event = ({ number, of, day, kind = 'identify', properties = {}, ...sent }: Sent) => `
  insert into event
    (workspace_id, id, customer_id, message_id, kind, name, occurred_at, received_at, properties, context)
    values ('${workspaceId}', '${id(number)}', '${of}', '${sent.messageId ?? `stl-${number}`}', '${kind}', '${kind}',
      '2026-01-0${day}', now(), '${JSON.stringify(properties)}',
      ${sent.context ? `'${JSON.stringify(sent.context)}'` : 'null'});`;

const consent = (is: string) => ({ consent: { purpose: 'news', is } });
const trait = (name: string, is: object) => ({ trait: { name, is } });

/** Filters before and after. */
const filters: Record<string, [object, object]> = {
  GRANTED: [trait('consent:news', { boolean: true }), consent('GRANTED')],
  DENIED: [trait('consent:news', { boolean: false }), consent('DENIED')],
  UNKNOWN: [trait('consent:news', { exists: false }), consent('UNKNOWN')],
  KNOWN: [trait('consent:news', { exists: true }), { not: consent('UNKNOWN') }],
  NEVER: [trait('consent:news', { text: { equals: 'yes' } }), { any: [] }],
  NESTED: [
    { all: [{ not: trait('consent:news', { boolean: true }) }, trait('plan', { exists: true })] },
    { all: [{ not: consent('GRANTED') }, trait('plan', { exists: true })] },
  ],
};

const segment = (number: number, key: string, filter: object) => `
  insert into segment (workspace_id, id, key, name, description, filter, created_at, updated_at)
    values ('${workspaceId}', '${id(number)}', '${key}', '${key}', '', '${JSON.stringify(filter)}', now(), now());`;

/** A visitor was merged into Ada, whom an operator tagged on the 9th. The calls of Ben are all his own. */
const before = `
  select set_config('app.workspace_id', '${workspaceId}', false);
  insert into workspace (id, name) values ('${workspaceId}', 'Main');
  insert into workspace_directory (id, purpose) values ('${workspaceId}', 'main');
  ${customer(ada, {
    traits: '{"plan": "pro", "tag:vip": true, "consent:news": false}',
    traits_at: '{"plan": 1, "tag:vip": 9, "consent:news": 7}',
    ...{ events: '6', active_days: '6' },
  })}
  ${customer(visitor, { merged_into: ada, traits: '{}', traits_at: '{}' })}
  ${customer(ben, { traits: '{"tag:vip": true}', traits_at: '{"tag:vip": 1}', events: '3', active_days: '3' })}
  ${event({ number: 11, of: ada, day: 1, properties: { plan: 'pro', 'consent:news': true } })}
  ${event({ number: 12, of: visitor, day: 3, kind: 'page' })}
  ${event({ number: 13, of: ada, day: 7, properties: { 'consent:news': false } })}
  ${event({ number: 14, of: ada, day: 8, properties: { 'tag:vip': true } })}
  ${event({ number: 15, of: ada, day: 9, properties: { 'tag:vip': null } })}
  ${event({ number: 16, of: visitor, day: 2, properties: { 'consent:news': 'maybe' } })}
  ${event({ number: 21, of: ben, day: 1, properties: { 'tag:vip': true } })}
  ${event({ number: 22, of: ben, day: 2, messageId: 'own', properties: { 'tag:vip': true } })}
  ${event({ number: 23, of: ben, day: 3, properties: { 'tag:vip': true }, context: { ip: '::1' } })}
  ${Object.entries(filters)
    .map(([key, [filter]], index) => segment(30 + index, key, filter))
    .join('')}
  select set_config('app.workspace_id', '', false);`;

beforeAll(async () => {
  database = await openDatabaseBefore('20261129130000_edits_by_hand', { postgresUrl, lifetime });
  await database.client.query(before);
  await database.migrate();
  await database.client.query(`select set_config('app.workspace_id', '${workspaceId}', false)`);
});
afterAll(() => lifetime.end());

const rowsOf = async (text: string) => (await database.client.query(text)).rows;

it('marks the events of tagCustomers and setConsent as events of the system', async () => {
  const events = await rowsOf('select id, origin, name from event order by id');

  const system = events.filter(({ origin }) => origin === 'SYSTEM');
  expect(system.map(({ id: event, name }) => [event, name])).toEqual([
    [id(13), 'Consent Changed'],
    [id(14), 'Tags Changed'],
    [id(15), 'Tags Changed'],
    [id(16), 'Consent Changed'],
  ]);
});

it('takes these events out of the facts, and evaluates their customers again', async () => {
  const customers = await rowsOf(`
    select events, active_days as days, first_seen_at as first, last_seen_at as last, due_at as due, due_cause as cause
    from customer where merged_into is null order by id`);

  const [first, last, reached] = ['2026-01-01', '2026-01-03', '2026-01-09'].map(
    (day) => new Date(`${day}T00:00:00Z`),
  );
  expect(customers).toEqual([
    { events: 2, days: 2, first, last, due: reached, cause: 'DEFINITION' },
    { events: 3, days: 3, first, last: reached, due: null, cause: null },
  ]);
  expect(await rowsOf('select due_at from workspace_directory')).toEqual([{ due_at: reached }]);
});

it('moves consents from traits to their table', async () => {
  const consents = await rowsOf(`
    select customer_id, purpose, channel, state, at, source from consent order by at`);
  const traits = await rowsOf('select traits, traits_at from customer order by id');

  const decision = (customerId: string, day: number, state: string) => ({
    ...{ customer_id: customerId, purpose: 'news', channel: null, state, source: 'identify' },
    at: new Date(`2026-01-0${day}T00:00:00Z`),
  });
  expect(consents).toEqual([
    decision(ada, 1, 'GRANTED'),
    decision(visitor, 2, 'UNKNOWN'),
    decision(ada, 7, 'DENIED'),
  ]);
  expect(traits[0]).toEqual({
    traits: { plan: 'pro', 'tag:vip': true },
    traits_at: { plan: 1, 'tag:vip': 9 },
  });
});

it('lets filters that took consents for traits ask for consents', async () => {
  const segments = await rowsOf('select key, filter from segment');

  expect(Object.fromEntries(segments.map(({ key, filter }) => [key, filter]))).toEqual(
    Object.fromEntries(Object.entries(filters).map(([key, [, after]]) => [key, after])),
  );
});

it('refuses a second customer with the user id of another one, but not with its address', async () => {
  const insert = (kind: string, of: string) =>
    database.client.query(`insert into identity (workspace_id, kind, value, customer_id, since)
      values ('${workspaceId}', '${kind}', 'x', '${of}', now())`);
  await insert('email', ada);
  await insert('email', ben);
  await insert('user_id', ada);

  await expect(insert('user_id', ben)).rejects.toThrow('identity_holder');
});
