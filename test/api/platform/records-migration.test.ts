import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { createLifetime } from '../../../src/platform/lifetime.ts';
import { type EarlierDatabase, openDatabaseBefore } from '../../support/earlier-database.ts';

const postgresUrl = inject('postgresUrl');
const lifetime = createLifetime();
let database: EarlierDatabase;

const id = (last: number) => `00000000-0000-7000-8000-00000000000${last}`;

const workspace = (number: number) => `
  select set_config('app.workspace_id', '${id(number)}', false);
  insert into workspace (id, name) values ('${id(number)}', 'Workspace ${number}');
  insert into workspace_directory (id, purpose, jobs_at) values ('${id(number)}', '${number === 1 ? 'main' : 'demo'}', null);`;

const customer = (number: number, events: number) => `
  insert into customer (workspace_id, id, traits, traits_at, first_seen_at, last_seen_at, evaluated_at, events)
    values (current_setting('app.workspace_id')::uuid, '${id(number)}', '{}', '{}', now(), now(), now(), ${events});`;

beforeAll(async () => {
  database = await openDatabaseBefore('20261129140000_order_parts', { postgresUrl, lifetime });
  await database.client.query(`
    ${workspace(1)} ${customer(3, 4)} ${customer(4, 5)} ${workspace(2)}
    select set_config('app.workspace_id', '', false);`);
});
afterAll(() => lifetime.end());

it('starts the interpretation of stored events in every workspace that has some', async () => {
  await database.migrate();

  const jobs = async (of: number) => {
    await database.client.query(`select set_config('app.workspace_id', '${id(of)}', false)`);
    const { rows } = await database.client.query('select kind, state, done, total from job');
    return rows;
  };
  expect(await jobs(1)).toEqual([{ kind: 'RECORDS', state: 'RUNNING', done: 0, total: 9 }]);
  expect(await jobs(2)).toEqual([]);
  const { rows } = await database.client.query(
    'select id from workspace_directory where jobs_at <= now()',
  );
  expect(rows).toContainEqual({ id: id(1) });
});
