import { afterAll, beforeAll, beforeEach, describe, expect, inject, it, vi } from 'vitest';
import { provisionWorkspace } from '../../../src/domains/lifecycles/provision-workspace.ts';
import { type Database, openDatabase, type Transaction } from '../../../src/platform/database.ts';
import { StorageUnavailable } from '../../../src/platform/errors.ts';
import {
  createJobRunner,
  type JobRunnerOptions,
} from '../../../src/platform/jobs/create-job-runner.ts';
import type { JobKind, StepResult } from '../../../src/platform/jobs/job.ts';
import { cancelJobs, startJob } from '../../../src/platform/jobs/store-jobs.ts';
import { createLifetime } from '../../../src/platform/lifetime.ts';
import { createLog } from '../../../src/platform/log.ts';
import { prepareDatabase } from '../../../src/platform/prepare-database.ts';
import { createRound } from '../../../src/platform/rounds.ts';
import { sql } from '../../../src/platform/sql.ts';
import { asAdmin, cloneDatabase } from '../../support/databases.ts';
import { pollOptions } from '../../support/lock-ingestion.ts';

const lifetime = createLifetime();
let adminUrl: string;
let database: Database;
/** The database connection of another server. */
let otherDatabase: Database;
let workspaceId: string;
let now: Date;
let workspaceCount = 0;

const log = createLog('silent');
const never = new AbortController().signal;
const secondMs = 1_000;
const msPerDay = 86_400_000;

beforeAll(async () => {
  const clone = await cloneDatabase(inject('postgresUrl'), inject('templateDatabase'));
  lifetime.onEnd(clone.drop);
  adminUrl = clone.url;
  const url = await prepareDatabase(clone.url);
  database = openDatabase(url, { poolSize: 4 });
  lifetime.onEnd(database.end);
  otherDatabase = openDatabase(url, { poolSize: 4 });
  lifetime.onEnd(otherDatabase.end);
});
afterAll(() => lifetime.end());

beforeEach(async () => {
  await asAdmin(adminUrl, 'delete from job; update workspace_directory set jobs_at = null');
  workspaceId = await newWorkspaceId();
  now = new Date();
});

const newWorkspaceId = async () => {
  workspaceCount += 1;
  return (await provisionWorkspace(database, { name: `Jobs ${workspaceCount}` })).id;
};

/** A kind of job with the overrides of a test. */
const kindOf = (change: Partial<JobKind> & Pick<JobKind, 'step'>): JobKind => ({
  kind: 'TEST',
  concurrency: 'WORKSPACE',
  runsIn: 'PROCESS',
  retry: () => ({ maxAttempts: 3, firstDelayMs: secondMs, maxDelayMs: 60 * secondMs }),
  ...change,
});

function runnerOf(kinds: readonly JobKind[], options: Partial<JobRunnerOptions> = {}) {
  const runInThread = () => Promise.reject(new Error('No thread is expected'));
  return createJobRunner({ database, kinds, log, now: () => now, runInThread, ...options });
}

/** One round over all workspaces, as the server runs it. */
const roundOf = (kinds: readonly JobKind[], options?: Partial<JobRunnerOptions>) => {
  const round = createRound(runnerOf(kinds, options).round, log);
  return () => round(never);
};

const start = (key = '', id = workspaceId, kind = 'TEST') =>
  database.inWorkspace(id, (db) => startJob(db, { kind, key, total: 2, now }));

const cancel = (key = '') =>
  database.inWorkspace(workspaceId, (db) => cancelJobs(db, { kind: 'TEST', key, now }));

interface StoredJob {
  key: string;
  state: string;
  data: object;
  done: number;
  total: number;
  attempts: number;
  outcome: string | null;
  message: string | null;
  runAt: Date;
}

const jobsOf = (id = workspaceId) =>
  database.inWorkspace(id, async (db) => {
    const { rows } = await db.query<StoredJob>(sql`
      select key, state, data, done, total, attempts, outcome, message, run_at as "runAt"
      from job where workspace_id = ${id} and kind = 'TEST' order by id`);
    return rows;
  });

const advance = (ms: number) => {
  now = new Date(now.getTime() + ms);
};

/** A step that does not end until it is released. */
function blockedStep(
  result: StepResult = { state: 'DONE' },
  work?: (db: Transaction) => Promise<unknown>,
) {
  const begun = Promise.withResolvers<void>();
  const release = Promise.withResolvers<void>();
  const step = vi.fn(async (db: Transaction) => {
    await work?.(db);
    begun.resolve();
    await release.promise;
    return result;
  });
  return { step, begun: begun.promise, release: release.resolve };
}

it('runs a job step by step and stores the result of each step', async () => {
  const seen: object[] = [];
  const kind = kindOf({
    async step(_db, { data }) {
      seen.push(data);
      return seen.length < 3
        ? { state: 'RUNNING', data: { reached: seen.length }, done: 1 }
        : { state: 'DONE', outcome: 'COMPLETE' };
    },
  });
  const round = roundOf([kind]);
  await start();

  expect([await round(), await round(), await round()]).toEqual([true, true, true]);
  expect(await round()).toBe(false);

  expect(seen).toEqual([{}, { reached: 1 }, { reached: 2 }]);
  expect(await jobsOf()).toMatchObject([
    { state: 'DONE', outcome: 'COMPLETE', data: { reached: 2 }, done: 2, total: 2 },
  ]);
});

it('does not start a second job of the same kind and key', async () => {
  await start('a');

  expect(await start('a')).toBeUndefined();
  expect(await start('b')).toEqual(expect.any(String));
});

it('waits until the time that a step names', async () => {
  const step = vi.fn(async (): Promise<StepResult> => {
    return { state: 'RUNNING', runAt: new Date(now.getTime() + 5 * secondMs) };
  });
  const round = roundOf([kindOf({ step })]);
  await start();

  await round();
  advance(5 * secondMs - 1);
  await round();
  await round();
  expect(step).toHaveBeenCalledTimes(1);
  advance(1);
  await round();

  expect(step).toHaveBeenCalledTimes(2);
});

describe('a step that fails', () => {
  it('is retried with increasing delays, and counts from one again after it has succeeded', async () => {
    const results = ['fail', 'fail', 'succeed', 'fail'];
    const kind = kindOf({
      async step() {
        if (results.shift() === 'fail') throw new Error('Refused');
        return { state: 'RUNNING', done: 1 };
      },
    });
    const round = roundOf([kind]);
    await start();

    await round();
    const [first] = await jobsOf();
    advance(secondMs - 1);
    await round();
    expect(results).toHaveLength(3);
    advance(1);
    await round();
    const [second] = await jobsOf();
    const delayMs = (second?.runAt.getTime() ?? 0) - now.getTime();
    advance(2 * secondMs);
    await round();
    const [third] = await jobsOf();
    await round();

    expect([first, second, third].map((job) => job?.attempts)).toEqual([1, 2, 0]);
    expect(delayMs).toBe(2 * secondMs);
    expect(await jobsOf()).toMatchObject([{ state: 'RUNNING', attempts: 1, done: 1 }]);
  });

  it('is rolled back', async () => {
    const kind = kindOf({
      async step(db) {
        await db.query(sql`
          update job set message = 'half done' where workspace_id = ${workspaceId}`);
        throw new Error('Refused');
      },
    });
    await start();

    await roundOf([kind])();

    expect(await jobsOf()).toMatchObject([{ message: null, attempts: 1 }]);
  });

  it('ends the job once it has failed as often as its kind allows', async () => {
    const kind = kindOf({
      retry: () => ({ maxAttempts: 2, firstDelayMs: secondMs, maxDelayMs: secondMs }),
      step: () => Promise.reject(new Error('Refused')),
      describeFailure: (error) => ({ outcome: 'ERROR', message: String(error) }),
    });
    const round = roundOf([kind]);
    await start();

    await round();
    advance(secondMs);
    await round();
    await round();

    expect(await jobsOf()).toMatchObject([
      { state: 'FAILED', outcome: 'ERROR', message: 'Error: Refused' },
    ]);
    expect(await start()).toEqual(expect.any(String));
  });

  it('does not keep the jobs of other workspaces from running', async () => {
    const otherId = await newWorkspaceId();
    const ran: string[] = [];
    const kind = kindOf({
      async step({ workspaceId: id }) {
        if (id === workspaceId) throw new Error('Refused');
        ran.push(id);
        return { state: 'DONE' };
      },
    });
    await start();
    await start('', otherId);

    await roundOf([kind])();

    expect(ran).toEqual([otherId]);
    expect(await jobsOf()).toMatchObject([{ state: 'RUNNING', attempts: 1 }]);
  });

  it('because the database is unavailable does not count as a failure of the job', async () => {
    const otherId = await newWorkspaceId();
    const kind = kindOf({
      async step({ workspaceId: id }) {
        if (id === workspaceId) throw new StorageUnavailable();
        return { state: 'DONE' };
      },
    });
    await start();
    await start('', otherId);

    await roundOf([kind])();

    expect(await jobsOf()).toMatchObject([{ state: 'RUNNING', attempts: 0 }]);
    expect(await jobsOf(otherId)).toMatchObject([{ state: 'DONE' }]);
  });
});

it('cancels a job and rolls back the running step', async () => {
  const mark = (db: Transaction) =>
    db.query(sql`update workspace set name = name || ' marked' where id = ${workspaceId}`);
  const { step, begun, release } = blockedStep({ state: 'RUNNING', done: 1 }, mark);
  const round = roundOf([kindOf({ step })]);
  await start();
  const running = round();
  await begun;

  const [cancelled] = await Promise.all([cancel(), jobsOf()]);
  release();

  expect(cancelled).toHaveLength(1);
  expect(await running).toBe(false);
  await round();
  expect(step).toHaveBeenCalledTimes(1);
  expect(await jobsOf()).toMatchObject([{ state: 'CANCELLED', done: 0 }]);
  const { rows } = await asAdmin(
    adminUrl,
    `select name from workspace where id = '${workspaceId}' and name like '% marked'`,
  );
  expect(rows).toEqual([]);
});

it('resumes after the last stored step when the server has died', async () => {
  let pid = 0;
  const readPid = async (db: Transaction) => {
    const { rows } = await db.query<{ pid: number }>(sql`select pg_backend_pid() as pid`);
    pid = rows[0]?.pid ?? 0;
  };
  const blocked = blockedStep({ state: 'DONE' }, readPid);
  const seen: object[] = [];
  const dying = roundOf([kindOf({ step: blocked.step })], { database: otherDatabase });
  const surviving = roundOf([
    kindOf({
      async step(_db, { data }) {
        seen.push(data);
        return seen.length === 1 ? { state: 'RUNNING', data: { reached: 7 } } : { state: 'DONE' };
      },
    }),
  ]);
  await start();
  await surviving();
  const lost = dying();
  await blocked.begun;

  await surviving();
  expect(seen).toHaveLength(1);
  await asAdmin(adminUrl, `select pg_terminate_backend(${pid}, 5000)`);
  await surviving();

  expect(seen).toEqual([{}, { reached: 7 }]);
  expect(await jobsOf()).toMatchObject([{ state: 'DONE', attempts: 0 }]);
  blocked.release();
  await lost;
  expect(await jobsOf()).toMatchObject([{ state: 'DONE', attempts: 0 }]);
});

it.each([
  ['one at a time for each workspace', 'WORKSPACE', []],
  ['several at a time if the kind allows it', 'JOB', ['b']],
] as const)('runs jobs %s', async (_how, concurrency, meanwhile) => {
  const blocked = blockedStep();
  const ran: string[] = [];
  const first = roundOf([kindOf({ concurrency, step: blocked.step })], { database: otherDatabase });
  const second = roundOf([
    kindOf({
      concurrency,
      async step(db, { id }) {
        const { rows } = await db.query<{ key: string }>(sql`select key from job where id = ${id}`);
        ran.push(rows[0]?.key ?? '');
        return { state: 'DONE' };
      },
    }),
  ]);
  await start('a');
  const running = first();
  await blocked.begun;
  await start('b');
  const otherId = await newWorkspaceId();
  await start('c', otherId);

  await second();
  expect(ran.sort()).toEqual([...meanwhile, 'c']);
  blocked.release();
  await running;
  await second();

  expect(await jobsOf()).toMatchObject([{ state: 'DONE' }, { state: 'DONE' }]);
});

describe('a recurring job', () => {
  const recurring = (step: JobKind['step']) => kindOf({ everyMs: msPerDay, step });

  it('is due a day after its workspace was created, and again a day after each run', async () => {
    const step = vi.fn(async (): Promise<StepResult> => ({ state: 'DONE' }));
    const round = roundOf([recurring(step)]);
    advance(secondMs);

    await round();
    expect(step).not.toHaveBeenCalled();
    advance(msPerDay);
    await round();
    await round();
    expect(step).toHaveBeenCalledTimes(1);
    const [job] = await jobsOf();

    expect(job?.state).toBe('RUNNING');
    expect(job?.runAt.getTime()).toBe(now.getTime() + msPerDay);
    advance(msPerDay - 1);
    await round();
    expect(step).toHaveBeenCalledTimes(1);
    advance(1);
    await round();
    expect(step).toHaveBeenCalledTimes(2);
  });

  it('waits for the next day after the maximum of failures', async () => {
    const kind = {
      ...recurring(() => Promise.reject(new Error('Refused'))),
      retry: () => ({ maxAttempts: 1, firstDelayMs: secondMs, maxDelayMs: secondMs }),
    };
    await start();

    await roundOf([kind])();

    const [job] = await jobsOf();
    expect(job).toMatchObject({ state: 'RUNNING', attempts: 0 });
    expect(job?.runAt.getTime()).toBe(now.getTime() + msPerDay);
  });
});

it('runs a job that is started while the next round is being scheduled', async () => {
  const step = vi.fn(async (): Promise<StepResult> => ({ state: 'DONE' }));
  const round = roundOf([kindOf({ step })]);
  const started = Promise.withResolvers<void>();
  const commit = Promise.withResolvers<void>();
  advance(secondMs);
  const starting = database.inWorkspace(workspaceId, async (db) => {
    await startJob(db, { kind: 'TEST', now });
    started.resolve();
    await commit.promise;
  });
  await started.promise;

  const scheduling = round();
  await expect
    .poll(
      async () => (await asAdmin(adminUrl, 'select from pg_locks where not granted')).rowCount,
      pollOptions,
    )
    .toBeGreaterThan(0);
  commit.resolve();
  await Promise.all([starting, scheduling]);
  await round();

  expect(step).toHaveBeenCalledTimes(1);
});

it('runs long computations in threads, concurrently with the round, until it is stopped', async () => {
  const results = [true, true, false];
  const inThread = vi.fn(async () => results.shift() ?? false);
  const kind = kindOf({ runsIn: 'THREAD', step: () => Promise.reject(new Error('Not here')) });
  const runner = runnerOf([kind], { runInThread: inThread });
  const id = await start();

  expect(await runner.round.run(workspaceId)).toBe(false);
  await runner.stop();

  expect(inThread.mock.calls.length).toBeGreaterThan(0);
  expect(inThread).toHaveBeenCalledWith({ workspaceId, jobId: id, now }, expect.any(AbortSignal));
  await runner.round.run(workspaceId);
  expect(inThread.mock.calls.length).toBeLessThan(3);
});
