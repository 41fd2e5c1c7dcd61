import { expect, it, onTestFinished } from 'vitest';
import { InsufficientData } from '../../../src/domains/churn/churn-backtest.ts';
import { churnModelJob } from '../../../src/domains/churn/churn-model-job.ts';
import {
  type ComputingOptions,
  createComputing,
} from '../../../src/domains/churn/create-computing.ts';
import { InvalidInput, QueryTooSlow, RateLimited } from '../../../src/platform/errors.ts';
import { createJobRunner } from '../../../src/platform/jobs/create-job-runner.ts';
import { createLog } from '../../../src/platform/log.ts';
import { TaskTooLarge } from '../../../src/platform/worker-threads.ts';
import { createShopWorkspace } from '../../support/churn-shop.ts';
import { ask } from '../../support/inspect.ts';
import { connectLive } from '../../support/live-client.ts';
import { lockTable } from '../../support/lock-table.ts';
import { newWorkspace, type TestWorkspace, useServer } from '../../support/server.ts';

const server = useServer();
const now = new Date('2026-06-01T00:00:00Z');
const never = new AbortController().signal;
const request = {
  calibrationEnd: new Date('2026-01-01T00:00:00Z'),
  horizonDays: 90,
  model: 'MBG_NBD',
} as const;

function compute(options: Partial<ComputingOptions> = {}) {
  const pollOptions = { operationMs: 120_000, maxWaitMs: 120_000 };
  const { url } = server.database;
  const computing = createComputing({
    databaseUrl: url,
    domainsUrl: new URL('../../../src/domains.ts', import.meta.url).href,
    ...pollOptions,
    ...options,
  });
  onTestFinished(() => computing.end());
  return {
    ...computing,
    backtest: ({ id }: TestWorkspace, signal = never) =>
      computing.compute({ kind: 'BACKTEST', workspaceId: id, request, now }, signal),
    values: ({ id }: TestWorkspace) => {
      const allCustomers = { strings: ['true'], values: [] };
      const terms = { horizonDays: 365, discountRate: 0, margin: 1 };
      const task = { workspaceId: id, model: null, condition: allCustomers, terms, now };
      return computing.compute({ kind: 'VALUES', ...task }, never);
    },
  };
}

const timeoutMs = { timeout: 30_000 };
/** Below the deadline of an operation, which would cancel the query too. */
const beforeDeadline = { timeout: 5_000 };

/** The back-tests and sums of lifetime values that wait for a lock. */
async function waiting() {
  const rows = await ask<{ kind: string }>(
    server,
    `select case when query like '%with bought as%' then 'BACKTEST' else 'VALUES' end as kind
     from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'
       and (query like '%with bought as%' or query like '%as historic%') order by kind`,
  );
  return rows.map(({ kind }) => kind);
}

it('cancels the query in the database when the client has disconnected', async () => {
  const { backtest } = compute();
  const workspace = await newWorkspace(server);
  const leaving = new AbortController();
  await lockTable(server, 'event');
  const answer = backtest(workspace, leaving.signal);
  const failure = answer.catch((error: unknown) => error);
  await expect.poll(waiting, timeoutMs).toEqual(['BACKTEST']);

  leaving.abort(new Error('The client has left'));

  expect(await failure).toMatchObject({ message: 'The client has left' });
  await expect.poll(waiting, timeoutMs).toEqual([]);
});

it('cancels a computation when the client aborts its request or closes its socket', async () => {
  const workspace = await newWorkspace(server);
  const query = `{ churnBacktest(calibrationEnd: "2025-01-01T00:00:00Z") { __typename } }`;
  await lockTable(server, 'event');

  const leaving = new AbortController();
  const headers = {
    authorization: `Bearer ${workspace.key}`,
    'content-type': 'application/json',
  };
  const body = JSON.stringify({ query });
  const { signal } = leaving;
  const broken = fetch(`${server.url}/graphql`, { method: 'POST', headers, body, signal });
  const failure = broken.catch((error: unknown) => error);
  await expect.poll(waiting, timeoutMs).toEqual(['BACKTEST']);
  leaving.abort();
  await failure;
  await expect.poll(waiting, beforeDeadline).toEqual([]);

  const live = connectLive(server.url, workspace.key);
  live.watch(query);
  await expect.poll(waiting, timeoutMs).toEqual(['BACKTEST']);
  await live.dispose();
  await expect.poll(waiting, beforeDeadline).toEqual([]);
});

it('aborts a computation that exceeds the time limit of an operation', async () => {
  const { backtest } = compute({ operationMs: 1 });
  const workspace = await newWorkspace(server);
  await lockTable(server, 'event');

  await expect(backtest(workspace)).rejects.toBeInstanceOf(QueryTooSlow);
});

it('computes one task at a time per workspace, workspaces in turn', async () => {
  const { backtest, values } = compute({ cores: 4 });
  const { workspace: first } = await createShopWorkspace(server, 150);
  const second = await newWorkspace(server);
  const release = await lockTable(server, 'customer');

  const answers = [backtest(first), backtest(first), values(second)];
  await expect.poll(waiting, timeoutMs).toEqual(['BACKTEST', 'VALUES']);
  await release();

  expect(await Promise.all(answers)).toMatchObject([
    { customers: 150 },
    { customers: 150 },
    { customers: 0, historic: 0n },
  ]);
});

it('refuses the tasks of one workspace beyond a short queue, and no others', async () => {
  const { backtest, values } = compute({ cores: 4 });
  const [first, second] = [await newWorkspace(server), await newWorkspace(server)];
  const release = await lockTable(server, 'event');
  const outcomes = Array.from({ length: 11 }, () =>
    backtest(first).catch((error: unknown) => error),
  );

  const refusal = await backtest(first).catch((error: unknown) => error);

  expect(refusal).toBeInstanceOf(RateLimited);
  expect(refusal).toMatchObject({ status: 429, retryAfterSeconds: 120 });
  await expect(values(second)).resolves.toMatchObject({ customers: 0 });
  await release();
  for (const outcome of await Promise.all(outcomes))
    expect(outcome).toBeInstanceOf(InsufficientData);
});

it('passes a typed error from a worker thread to the client', async () => {
  const computing = compute();
  const { id } = await newWorkspace(server);
  const task = { kind: 'BACKTEST', workspaceId: id, now: request.calibrationEnd } as const;

  const ahead = computing.compute({ ...task, request }, never);

  await expect(ahead).rejects.toBeInstanceOf(InvalidInput);
});

it('refuses a task that exceeds the memory limit of a thread, and keeps serving', async () => {
  const { backtest } = compute({ maxHeapMb: 8 });
  const workspace = await newWorkspace(server);

  await expect(backtest(workspace)).rejects.toBeInstanceOf(TaskTooLarge);

  expect((await fetch(`${server.url}/health`)).status).toBe(200);
});

it('aborts a job step at shutdown, and the next server resumes the job', async () => {
  const { workspace } = await createShopWorkspace(server, 150);
  await ask(server, 'update workspace_directory set jobs_at = null where id = $1', [workspace.id]);
  // Not in the directory, so that the server's own job runner does not find it.
  await ask(
    server,
    `insert into job (workspace_id, id, kind, state, data, run_at, started_at)
     values ($1, $1, 'CHURN_MODEL', 'RUNNING',
       '{"mode": "ACTIVITY", "phase": "FITTING", "activation": "ALWAYS"}', '-infinity', now())`,
    [workspace.id],
  );
  const run = () => {
    const computing = compute();
    const { database } = server;
    // The import of the shop has ended by then.
    const later = new Date(now.getTime() + 60_000);
    const log = createLog('fatal');
    const runner = createJobRunner({
      database,
      kinds: [churnModelJob],
      log,
      now: () => later,
      runInThread: (step, signal) =>
        computing.computeInBackground({ ...step, kind: 'JOB_STEP' }, signal),
    });
    void runner.round.run(workspace.id);
    return { runner, computing };
  };
  const release = await lockTable(server, 'event');
  const first = run();
  await expect.poll(waiting, timeoutMs).toEqual(['BACKTEST']);

  await first.runner.stop();
  await first.computing.end();
  await expect.poll(waiting, timeoutMs).toEqual([]);
  await release();
  run();

  const jobs = () => ask(server, 'select state, outcome from job where id = $1', [workspace.id]);
  await expect.poll(jobs, timeoutMs).toEqual([{ state: 'DONE', outcome: 'ACTIVATED' }]);
});
