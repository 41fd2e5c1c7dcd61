import { afterEach, expect, it, onTestFinished } from 'vitest';
import { sql } from '../../../src/platform/sql.ts';
import { fitModel, passImportLease, waitForJob } from '../../support/churn-models.ts';
import { createShopWorkspace, day, order, sendAll } from '../../support/churn-shop.ts';
import { pollOptions } from '../../support/lock-ingestion.ts';
import { type TestWorkspace, useServer } from '../../support/server.ts';

const server = useServer();

afterEach(() => {
  server.clock.now = undefined;
});

const now = () => server.clock.now?.getTime() ?? 0;

/** Makes the daily job of a workspace due, and waits until it has run. */
async function setRefitDue({ id }: TestWorkspace) {
  const at = new Date(now());
  await server.database.inWorkspace(id, async (db) => {
    await db.query(sql`
      insert into job (workspace_id, id, kind, state, run_at, started_at)
      values (${id}, ${id}, 'CHURN_REFIT', 'RUNNING', ${at}, ${at})
      on conflict (workspace_id, kind, key) where state = 'RUNNING' do update set run_at = ${at}`);
    await db.query(sql`update workspace_directory set jobs_at = ${at} where id = ${id}`);
  });
  await expect
    .poll(() =>
      server.database.inWorkspace(id, async (db) => {
        const { rows } = await db.query<{ at: Date }>(sql`
          select run_at as at from job where workspace_id = ${id} and kind = 'CHURN_REFIT'`);
        return rows[0]?.at.getTime();
      }),
    )
    .toBe(now() + day);
}

async function jobsOf(workspace: TestWorkspace): Promise<number> {
  const { churnModelJobs } = await workspace.query<{ churnModelJobs: object[] }>(
    '{ churnModelJobs(first: 100) { state } }',
  );
  return churnModelJobs.length;
}

it('fits and activates the first model automatically', async () => {
  const { workspace } = await createShopWorkspace(server, 150);
  passImportLease(server);

  await setRefitDue(workspace);

  expect(await waitForJob(workspace)).toMatchObject({
    outcome: 'ACTIVATED',
    model: { version: 1 },
  });
});

it('refits after many new events or after a week, not before', async () => {
  const { workspace, orders } = await createShopWorkspace(server, 150);
  passImportLease(server);
  await fitModel(workspace);

  await sendAll(workspace, [order('c1', now(), 10)]);
  await setRefitDue(workspace);
  expect(await jobsOf(workspace)).toBe(1);

  const many = Math.ceil(orders.length / 20);
  await sendAll(
    workspace,
    Array.from({ length: many }, (_, index) => order(`c${index}`, now() + 1, 10)),
  );
  await setRefitDue(workspace);
  expect(await jobsOf(workspace)).toBe(2);
  await waitForJob(workspace);

  server.clock.now = new Date(now() + 8 * day);
  await setRefitDue(workspace);
  expect(await jobsOf(workspace)).toBe(3);
  await waitForJob(workspace);
});

it('does not refit automatically when automaticRefit is off', async () => {
  const { workspace } = await createShopWorkspace(server, 150);
  passImportLease(server);
  await workspace.query('mutation { updateChurnSettings(automaticRefit: false) { __typename } }');

  await setRefitDue(workspace);

  expect(await jobsOf(workspace)).toBe(0);
});

it('keeps evaluating during a long fit, and reports the running job', async () => {
  const { workspace } = await createShopWorkspace(server, 150);
  passImportLease(server);
  const fitted = Promise.withResolvers<void>();
  const isLocked = Promise.withResolvers<void>();
  // Storing a model is blocked.
  const held = server.database.inWorkspace(workspace.id, async (db) => {
    await db.query(sql`lock table churn_model in share mode`);
    isLocked.resolve();
    await fitted.promise;
  });
  onTestFinished(() => fitted.resolve());
  await isLocked.promise;
  await workspace.query('mutation { fitChurnModel(activation: ALWAYS) { __typename } }');
  await workspace.query(`mutation { createSegment(key: "QUIET", name: "Quiet",
    filter: { not: { did: { event: ["Order Completed"], window: { within: "PT1H" } } } }) { __typename } }`);
  const isQuiet = async () => {
    const { segment } = await workspace.query<{ segment: { count: number } }>(
      '{ segment(key: "QUIET") { count } }',
    );
    return segment.count;
  };
  await expect.poll(isQuiet, pollOptions).toBe(150);

  await workspace.send([order('late', now(), 10)]);
  expect(await isQuiet()).toBe(150);
  server.clock.now = new Date(now() + 3_600_000);
  await expect.poll(isQuiet, pollOptions).toBe(151);

  const { fitChurnModel } = await workspace.query<{ fitChurnModel: { __typename: string } }>(
    'mutation { fitChurnModel { __typename } }',
  );
  expect(fitChurnModel).toEqual({ __typename: 'InUse' });
  fitted.resolve();
  await held;
  expect(await waitForJob(workspace)).toMatchObject({ outcome: 'ACTIVATED' });
});

it('ends a failed fit with a message and runs the next job', async () => {
  const { workspace } = await createShopWorkspace(server, 150);
  passImportLease(server);
  // No version is higher than this one.
  await server.database.inWorkspace(workspace.id, (db) =>
    db.query(sql`
      insert into churn_model (workspace_id, id, version, mode, definition, evidence, created_at)
      values (${workspace.id}, ${workspace.id}, 2147483647, 'ACTIVITY', '{}', '{}', now())`),
  );

  expect(await fitModel(workspace)).toMatchObject({
    state: 'FAILED',
    outcome: 'ERROR',
    message: expect.stringContaining('log of the server'),
    model: null,
  });
  await server.database.inWorkspace(workspace.id, (db) =>
    db.query(sql`delete from churn_model where workspace_id = ${workspace.id}`),
  );
  expect(await fitModel(workspace)).toMatchObject({ outcome: 'ACTIVATED', model: { version: 1 } });
});
