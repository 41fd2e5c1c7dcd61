import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { createLifetime } from '../../../src/platform/lifetime.ts';
import { type EarlierDatabase, openDatabaseBefore } from '../../support/earlier-database.ts';

const postgresUrl = inject('postgresUrl');
const lifetime = createLifetime();
let database: EarlierDatabase;

beforeAll(async () => {
  database = await openDatabaseBefore('20261128130000_jobs', { postgresUrl, lifetime });
});
afterAll(() => lifetime.end());

const workspaceId = '00000000-0000-7000-8000-000000000001';
const id = (number: number) => `00000000-0000-7000-8000-0000000001${number}0`;

const before = `
  select set_config('app.workspace_id', '${workspaceId}', false);
  insert into workspace (id, name) values ('${workspaceId}', 'Main');
  insert into workspace_directory (id, purpose, building, refit_at)
    values ('${workspaceId}', 'main', true, '2026-12-01T00:00:00Z');
  insert into segment (workspace_id, id, key, name, description, created_at, updated_at)
    values ('${workspaceId}', '${id(1)}', 'S', 'S', '', now(), now());
  insert into lifecycle (workspace_id, id, key, name, description)
    values ('${workspaceId}', '${id(2)}', 'L', 'L', '');
  insert into build (workspace_id, id, segment_id, lifecycle_id, version, definition, state, done, total,
      reached, started_at, finished_at) values
    ('${workspaceId}', '${id(3)}', '${id(1)}', null, 1, '{"filter": {}}', 'SUPERSEDED', 2, 9, '${id(9)}',
      '2026-11-01', '2026-11-02'),
    ('${workspaceId}', '${id(4)}', null, '${id(2)}', 2, '{"stages": []}', 'RUNNING', 5, 9, '${id(9)}',
      '2026-11-03', null);
  insert into build_place (workspace_id, build_id, customer_id, stage_key, since)
    values ('${workspaceId}', '${id(4)}', '${id(9)}', 'X', now());
  insert into churn_job (workspace_id, id, mode, state, phase, activation, done, total, outcome, message,
      started_at, finished_at) values
    ('${workspaceId}', '${id(5)}', 'ACTIVITY', 'FAILED', 'FITTING', 'NEVER', 0, 0, 'ERROR', 'Why',
      '2026-11-04', '2026-11-05'),
    ('${workspaceId}', '${id(6)}', 'SUBSCRIPTION', 'RUNNING', 'APPLYING', 'ALWAYS', 3, 7, null, null,
      '2026-11-06', null)`;

it('moves builds, churn jobs and refit times to the table of jobs, with their progress', async () => {
  const { client, migrate } = database;
  await client.query(before);

  await migrate();

  const jobs = await client.query(
    `select kind, key, state, data, done, total, outcome, message, run_at as "runAt" from job order by kind, id`,
  );
  expect(jobs.rows).toMatchObject([
    { kind: 'BUILD', key: id(1), state: 'CANCELLED', done: 2, total: 9 },
    { kind: 'BUILD', key: id(2), state: 'RUNNING', data: { reached: id(9) }, done: 5, total: 9 },
    { kind: 'CHURN_MODEL', state: 'FAILED', outcome: 'ERROR', message: 'Why' },
    {
      kind: 'CHURN_MODEL',
      state: 'RUNNING',
      data: { mode: 'SUBSCRIPTION', phase: 'APPLYING', activation: 'ALWAYS', modelId: null },
      done: 3,
      total: 7,
    },
    { kind: 'CHURN_REFIT', state: 'RUNNING', runAt: new Date('2026-12-01T00:00:00Z') },
  ]);
  const builds = await client.query(
    'select id, subject_kind as kind, subject_id as subject, version from build order by id',
  );
  expect(builds.rows).toEqual([
    { id: id(3), kind: 'SEGMENT', subject: id(1), version: 1 },
    { id: id(4), kind: 'LIFECYCLE', subject: id(2), version: 2 },
  ]);
  expect((await client.query('select from build_place')).rowCount).toBe(1);
  const due = await client.query('select from workspace_directory where jobs_at <= now()');
  expect(due.rowCount).toBe(1);
});
