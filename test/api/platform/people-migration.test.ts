import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { createLifetime } from '../../../src/platform/lifetime.ts';
import { parseInstant } from '../../../src/platform/time/instant.ts';
import { type EarlierDatabase, openDatabaseBefore } from '../../support/earlier-database.ts';

const postgresUrl = inject('postgresUrl');
const lifetime = createLifetime();
let database: EarlierDatabase;

const id = (last: number) => `00000000-0000-7000-8000-00000000000${last}`;
const workspaceId = id(1);

const customer = (number: number, email: string | null, more = '') => `
  insert into customer (workspace_id, id, email, traits, traits_at, first_seen_at, last_seen_at, evaluated_at)
    values ('${workspaceId}', '${id(number)}', ${email === null ? 'null' : `'${email}'`}, '{}', '{}',
      '2026-01-0${number}', now(), now());
  ${more}`;

const updated = (number: number, change: string) =>
  `update customer set ${change} where id = '${id(number)}';`;

const address = (value: string, number: number) => `
  insert into identity (workspace_id, kind, value, customer_id, since)
    values ('${workspaceId}', 'email', '${value}', '${id(number)}', '2026-01-01');`;

/** 3 shares the address of 2; 4 was merged into 3; 5 has removed its address; 6 has a text that is no address. */
const before = `
  select set_config('app.workspace_id', '${workspaceId}', false);
  insert into workspace (id, name) values ('${workspaceId}', 'Main');
  ${customer(2, 'x@example.com', address('x@example.com', 2))}
  ${customer(3, ' X@Example.com', updated(3, `traits = '{"email": " X@Example.com"}', traits_at = '{"email": 1767571200000}'`))}
  ${customer(4, 'x@example.com', updated(4, `merged_into = '${id(3)}'`))}
  ${customer(5, 'y@example.com', address('y@example.com', 5) + updated(5, `traits_at = '{"email": 1767571200000}'`))}
  ${customer(6, 'ada', updated(6, `traits = '{"email": "ada"}', traits_at = '{"email": 1767571200000}'`))}
  select set_config('app.workspace_id', '', false);`;

beforeAll(async () => {
  database = await openDatabaseBefore('20261129080000_people', { postgresUrl, lifetime });
  await database.client.query(before);
  await database.migrate();
  await database.client.query(`select set_config('app.workspace_id', '${workspaceId}', false)`);
});
afterAll(() => lifetime.end());

it('gives a shared address to every customer that shows it', async () => {
  const { rows } = await database.client.query(
    'select value, customer_id as customer, since from identity order by ordinal',
  );

  expect(rows).toEqual([
    { value: 'x@example.com', customer: id(2), since: new Date('2026-01-01') },
    { value: 'y@example.com', customer: id(5), since: new Date('2026-01-01') },
    { value: 'x@example.com', customer: id(3), since: new Date('2026-01-05') },
  ]);
});

it('no longer shows an address that its customer has removed', async () => {
  const { rows } = await database.client.query('select email from customer order by id');

  expect(rows.map(({ email }) => email)).toEqual([
    'x@example.com',
    ' X@Example.com',
    'x@example.com',
    null,
    'ada',
  ]);
});

it.each([
  ...['2024-01-05t10:00:00z', '2024-02-30T00:00:00Z', '2026-03-01T09:30:00-0530'],
  ...['2016-12-31T23:59:60Z', '2016-12-31T15:59:60-08:00', '2016-12-30T23:59:60Z'],
  ...['2012-06-30t23:59:60.25z', '9999-12-31T23:59:60Z', '9999-12-31T23:59:59.999Z'],
  ...['0000-06-01T00:00:00Z', '0001-01-01T00:00:00+01:00', '2026-03-01T00:00:00-23:59'],
  ...['2026-01-01T24:00:00Z', '2026-01-01T00:00:00', '2026-01-01T00:00:61Z', 'soon', ''],
])('reads %j in SQL as the server does', async (text) => {
  const { rows } = await database.client.query(
    'select told_instant(to_jsonb($1::text), $2) as instant',
    [text, 'Asia/Tokyo'],
  );

  expect(rows[0].instant).toEqual(parseInstant(text) ?? null);
});
