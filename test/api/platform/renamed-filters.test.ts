import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { asAdmin, withDatabase } from '../../support/databases.ts';

const folder = join(import.meta.dirname, '../../../prisma/migrations');
const renaming = '20261128121000_order_count_and_template_keys';
const sqlOf = (name: string) => readFileSync(join(folder, name, 'migration.sql'), 'utf8');
const earlier = readdirSync(folder, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && entry.name < renaming)
  .map(({ name }) => name)
  .sort();

const postgresUrl = inject('postgresUrl');
const name = `stageline_renamed_${process.pid}`;
let client: pg.Client;

beforeAll(async () => {
  await asAdmin(postgresUrl, `create database ${name}`);
  client = new pg.Client({ connectionString: withDatabase(postgresUrl, name) });
  await client.connect();
  for (const migration of earlier) await client.query(sqlOf(migration));
  await client.query(oldRows);
  await client.query('begin');
  await client.query(sqlOf(renaming));
  await client.query('commit');
});
afterAll(async () => {
  await client.end();
  await asAdmin(postgresUrl, `drop database ${name} with (force)`);
});

const id = (last: number) => `00000000-0000-7000-8000-00000000000${last}`;
const [shop, other] = [id(1), id(2)];

const oldRows = `
  insert into workspace (id, name) values ('${shop}', 'Shop'), ('${other}', 'Other');
  insert into workspace_directory (id, purpose) values ('${shop}', 'main'), ('${other}', 'demo');
  insert into lifecycle (workspace_id, id, key, name, description, is_default) values
    ('${shop}', '${id(3)}', 'ARTICLE_000', 'First', '', true),
    ('${shop}', '${id(4)}', 'OWN', 'Own', '', false),
    ('${other}', '${id(5)}', 'ARTICLE_000', 'First', '', true),
    ('${other}', '${id(6)}', 'REACH_TO_LOYALTY', 'Own', '', false);
  insert into stage (workspace_id, lifecycle_id, key, name, description, phase, ordinal, entry, stay) values
    ('${shop}', '${id(3)}', 'A', 'A', '', 'REACH', 0, '{"all": []}', null),
    ('${shop}', '${id(3)}', 'B', 'B', '', 'REACH', 1,
      '{"any": [{"fact": {"orders": {"atLeast": 2}}}, {"not": {"fact": {"events": {"above": 1}}}}]}',
      '{"fact": {"orders": {"atLeast": 1}}}');
  insert into segment (workspace_id, id, key, name, description, filter, created_at, updated_at) values
    ('${shop}', '${id(1)}', 'BUYERS', 'Buyers', '', '{"all": [
      {"fact": {"orders": {"between": {"from": 1, "to": 3}}}},
      {"stage": {"lifecycle": "article_000", "in": ["B"]}},
      {"stage": {"lifecycle": "OWN", "in": ["B"]}},
      {"trait": {"name": "orders", "is": {"exists": true}}}]}', now(), now()),
    ('${shop}', '${id(2)}', 'LIST', 'List', '', null, now(), now()),
    ('${other}', '${id(1)}', 'STAGED', 'Staged', '',
      '{"stage": {"lifecycle": "ARTICLE_000", "in": ["B"]}}', now(), now());
  insert into build (workspace_id, id, lifecycle_id, version, definition, state, total, started_at) values
    ('${shop}', '${id(1)}', '${id(3)}', 2,
      '[{"key": "B", "entry": {"fact": {"orders": {"atLeast": 3}}}, "stay": null}]', 'RUNNING', 1, now());
  insert into change (workspace_id, position, kind, customer_id, at, recorded_at, data) values
    ('${shop}', 1, 'STAGE_CHANGED', '${id(1)}', now(), now(),
      '{"to": "B", "from": null, "rule": {"fact": {"orders": {"atLeast": 2}}}}'),
    ('${shop}', 2, 'CUSTOMER_CREATED', '${id(1)}', now(), now(), '{}');
`;

const read = async (sql: string) =>
  (await client.query<{ value: unknown }>(sql)).rows.map(({ value }) => value);

it('renames the fact in the rules of stages', async () => {
  expect(
    await read('select jsonb_build_array(entry, stay) as value from stage order by ordinal'),
  ).toEqual([
    [{ all: [] }, null],
    [
      {
        any: [
          { fact: { orderCount: { atLeast: 2 } } },
          { not: { fact: { events: { above: 1 } } } },
        ],
      },
      { fact: { orderCount: { atLeast: 1 } } },
    ],
  ]);
});

it('renames the fact and the lifecycle in the filters of segments, and nothing of the same name', async () => {
  const sql = `select filter as value from segment where workspace_id = '${shop}' order by key`;

  expect(await read(sql)).toEqual([
    {
      all: [
        { fact: { orderCount: { between: { from: 1, to: 3 } } } },
        { stage: { lifecycle: 'REACH_TO_LOYALTY', in: ['B'] } },
        { stage: { lifecycle: 'OWN', in: ['B'] } },
        { trait: { name: 'orders', is: { exists: true } } },
      ],
    },
    null,
  ]);
});

it('renames the fact in definitions under construction and in recorded rules', async () => {
  expect(await read('select definition as value from build')).toEqual([
    [{ key: 'B', entry: { fact: { orderCount: { atLeast: 3 } } }, stay: null }],
  ]);
  expect(await read('select data as value from change order by position')).toEqual([
    { to: 'B', from: null, rule: { fact: { orderCount: { atLeast: 2 } } } },
    {},
  ]);
});

it('keeps the old key of a lifecycle whose new key is taken, and the filters that name it', async () => {
  expect(await read('select key as value from lifecycle order by id')).toEqual([
    'REACH_TO_LOYALTY',
    'OWN',
    'ARTICLE_000',
    'REACH_TO_LOYALTY',
  ]);
  expect(await read(`select filter as value from segment where workspace_id = '${other}'`)).toEqual(
    [{ stage: { lifecycle: 'ARTICLE_000', in: ['B'] } }],
  );
});
