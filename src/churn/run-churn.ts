import { v7 as uuidv7 } from 'uuid';
import { loadSettings } from '../access/workspaces.ts';
import { renewBuilding } from '../builds/running-build.ts';
import type { Clock } from '../platform/clock.ts';
import type { Database, Sql } from '../platform/database.ts';
import { DomainError } from '../platform/errors.ts';
import type { Log } from '../platform/log.ts';
import { isQueryTooSlow, isStorageUnavailable } from '../platform/storage-errors.ts';
import { activateModel, applyModel } from './activate-model.ts';
import { fitRiskModel } from './fit-risk-model.ts';
import { fitSubscriptionModel } from './fit-subscription-model.ts';
import { endJob, type RunningJob, takeRunningJob } from './jobs.ts';
import type { PurchaseModel, SubscriptionModel } from './risk/risk-model.ts';
import { loadChurnSettings } from './settings.ts';

/** What takes on the jobs of churn models, beside whatever else the server does. */
export interface ChurnRunner {
  /** Sees to it that the job of a workspace, if there is one, is under way. */
  start(workspaceId: string): void;
  /** Drops what is under way; the job goes on with the next start. */
  stop(): Promise<void>;
}

/** A fit reads everything that a workspace knows: nobody waits for it, and it does not hold up anybody. */
const mostMs = 600_000;

/** Any number of servers may run one: whoever finds a job being worked on leaves it alone. */
export function createChurnRunner(options: {
  database: Database;
  log: Log;
  now: Clock;
}): ChurnRunner {
  const { database, log, now } = options;
  const stopping = new AbortController();
  const running = new Map<string, Promise<void>>();
  // Said once per outage, not once per try.
  let hasFailed = false;

  const within = <T>(workspaceId: string, work: (sql: Sql) => Promise<T>) =>
    database.inWorkspace(workspaceId, work, { ms: mostMs, signal: stopping.signal });

  async function run(workspaceId: string) {
    const step = (sql: Sql) => takeStep(sql, workspaceId, now());
    try {
      while (!stopping.signal.aborted && (await within(workspaceId, step)));
      hasFailed = false;
    } catch (error) {
      tell(error);
      if (isStorageUnavailable(error)) return;
      const giveUp = (sql: Sql) => giveUpFit(sql, workspaceId, { error, now: now() });
      await within(workspaceId, giveUp).catch(tell);
    }
  }

  function tell(error: unknown) {
    if (stopping.signal.aborted || hasFailed) return;
    hasFailed = true;
    const level = isStorageUnavailable(error) ? 'warn' : 'error';
    log[level]({ err: error }, 'The job of a churn model failed');
  }

  return {
    start(workspaceId) {
      if (running.has(workspaceId) || stopping.signal.aborted) return;
      const ended = run(workspaceId).finally(() => running.delete(workspaceId));
      running.set(workspaceId, ended);
    },
    async stop() {
      stopping.abort();
      await Promise.all(running.values());
    },
  };
}

/** Takes a workspace's job one step further; answers whether there is more to do at once. */
async function takeStep(sql: Sql, workspaceId: string, now: Date): Promise<boolean> {
  const job = await takeRunningJob(sql, workspaceId);
  if (!job) {
    await renewBuilding(sql, workspaceId);
    return false;
  }
  if (job.phase === 'APPLYING') return applyModel(sql, workspaceId, job, now);
  await fitModel(sql, workspaceId, job, now);
  return true;
}

/**
 * What failed once for a reason of its own would fail again at every look. Customers half assessed by a model are
 * not left so, however often it takes.
 */
async function giveUpFit(
  sql: Sql,
  workspaceId: string,
  { error, now }: { error: unknown; now: Date },
): Promise<void> {
  const job = await takeRunningJob(sql, workspaceId);
  if (job?.phase !== 'FITTING') return;
  const message = isQueryTooSlow(error)
    ? `It took longer than ${mostMs / 60_000} minutes`
    : 'It failed unexpectedly; the log of the server says how';
  await endJob(sql, workspaceId, job, { state: 'FAILED', outcome: 'ERROR', message, now });
}

async function fitModel(sql: Sql, workspaceId: string, job: RunningJob, now: Date): Promise<void> {
  const fitted = await fitOf(sql, workspaceId, job, now).catch(toFailure);
  if ('message' in fitted) {
    const end = { state: 'FAILED', outcome: 'INSUFFICIENT_DATA', now } as const;
    await endJob(sql, workspaceId, job, { ...end, message: fitted.message });
    return;
  }
  const modelId = await storeModel(sql, workspaceId, job, { ...fitted, now });
  const isWanted = job.activation === 'ALWAYS' || fitted.isNotWorse;
  if (job.activation !== 'NEVER' && isWanted) {
    await activateModel(sql, workspaceId, { job, modelId, now });
    return;
  }
  const outcome = job.activation === 'NEVER' ? 'KEPT' : 'WORSE';
  await endJob(sql, workspaceId, job, { state: 'DONE', outcome, now });
}

/** A model of either mode, with what it rests on. */
interface AnyModel {
  definition: object;
  evidence: object;
  isNotWorse: boolean;
}

async function fitOf(
  sql: Sql,
  workspaceId: string,
  { mode }: RunningJob,
  now: Date,
): Promise<AnyModel | { message: string }> {
  const { timeZone } = await loadSettings(sql, workspaceId);
  const settings = await loadChurnSettings(sql, workspaceId);
  if (mode === 'SUBSCRIPTION') {
    const active = await loadDefinition<SubscriptionModel>(
      sql,
      workspaceId,
      settings.subscriptionModelId,
    );
    const fitted = await fitSubscriptionModel(sql, workspaceId, { timeZone, now, active });
    return 'message' in fitted ? fitted : { ...fitted, isNotWorse: isNotWorse(fitted) };
  }
  const active = await loadDefinition<PurchaseModel>(sql, workspaceId, settings.activeModelId);
  const fitted = await fitRiskModel(sql, workspaceId, { ...settings, timeZone, now, active });
  return 'reason' in fitted ? fitted : { ...fitted, isNotWorse: isNotWorse(fitted) };
}

async function loadDefinition<T>(sql: Sql, workspaceId: string, id: string | null) {
  const { rows } = await sql.query<{ definition: T }>(
    'select definition from churn_model where workspace_id = $1 and id = $2',
    [workspaceId, id],
  );
  return rows[0]?.definition ?? null;
}

/** What the models refuse to take, such as amounts beyond counting, is an answer too. */
function toFailure(error: unknown): { message: string } {
  if (error instanceof DomainError) return { message: error.message };
  throw error;
}

/** A model of either mode, with how it and the model in force did on the same window. */
interface Judged {
  evidence: { backtest: { brier: number; brierOfActive: number | null } | null };
}

/** What the Brier score may lose before a model counts as worse than the one in force. */
const tolerated = 0.005;

function isNotWorse({ evidence: { backtest } }: Judged): boolean {
  if (!backtest || backtest.brierOfActive === null) return true;
  return backtest.brier <= backtest.brierOfActive + tolerated;
}

async function storeModel(
  sql: Sql,
  workspaceId: string,
  job: RunningJob,
  { definition, evidence, now }: AnyModel & { now: Date },
): Promise<string> {
  const id = uuidv7();
  await sql.query(
    `insert into churn_model (workspace_id, id, version, mode, definition, evidence, created_at)
     select $1, $2, coalesce(max(version), 0) + 1, $3, $4, $5, $6
     from churn_model where workspace_id = $1`,
    [workspaceId, id, job.mode, JSON.stringify(definition), JSON.stringify(evidence), now],
  );
  await sql.query('update churn_job set model_id = $3 where workspace_id = $1 and id = $2', [
    workspaceId,
    job.id,
    id,
  ]);
  return id;
}
