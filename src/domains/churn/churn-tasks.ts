import type { Database, Transaction } from '../../platform/database.ts';
import { DomainError } from '../../platform/errors.ts';
import { runJobStep } from '../../platform/jobs/run-step.ts';
import { type Sql, sql } from '../../platform/sql.ts';
import { type BacktestReport, reportBacktest } from '../../statistics/backtest/report-backtest.ts';
import { ModelRefusal } from '../../statistics/refusals.ts';
import { type BacktestRequest, runChurnBacktest } from './churn-backtest.ts';
import { churnModelJob } from './churn-model-job.ts';
import { loadLifetimeValues, type ValueSum } from './load-values.ts';
import type { RiskModel } from './risk/risk-model.ts';
import type { ValueTerms } from './risk/value.ts';

/** The fields of all tasks. */
interface TaskScope {
  workspaceId: string;
  now: Date;
  /** Time limit of one statement, in ms. */
  statementMs: number;
}

export interface BacktestTask extends TaskScope {
  kind: 'BACKTEST';
  request: BacktestRequest;
}

export interface ValuesTask extends TaskScope {
  kind: 'VALUES';
  model: RiskModel | null;
  /** The parts of an SQL condition on the row `c` of `customer`. */
  condition: Pick<Sql, 'strings' | 'values'>;
  terms: ValueTerms;
}

/** The next step of a job. Its result is whether the one after it is due at once. */
export interface JobStepTask extends TaskScope {
  kind: 'JOB_STEP';
  jobId: string;
}

export type ChurnTask = BacktestTask | ValuesTask | JobStepTask;

export interface ChurnTaskResult {
  BACKTEST: BacktestReport;
  VALUES: ValueSum;
  JOB_STEP: boolean;
}

/** Runs a task in one transaction. */
export async function runChurnTask(
  database: Database,
  task: ChurnTask,
): Promise<ChurnTaskResult[ChurnTask['kind']]> {
  const { workspaceId, statementMs: statementTimeoutMs } = task;
  const work = async (db: Transaction) => {
    // A terminated thread cannot cancel its statement: the database checks whether its client is still connected.
    db.send(sql`select set_config('client_connection_check_interval', '250', true)`);
    return run(db, task).catch(rethrowModelRefusal);
  };
  const { signal } = new AbortController();
  return database.inWorkspace(workspaceId, work, { statementTimeoutMs, signal });
}

async function run(db: Transaction, task: ChurnTask) {
  const { now } = task;
  switch (task.kind) {
    case 'BACKTEST':
      return reportBacktest(await runChurnBacktest(db, task.request, now));
    case 'VALUES': {
      const { model, terms } = task;
      const condition = sql(task.condition.strings, ...task.condition.values);
      return loadLifetimeValues(db, model, { condition, now, terms });
    }
    case 'JOB_STEP':
      return runJobStep(db, { id: task.jobId, kind: churnModelJob }, now);
  }
}

/** A model refused its input: an error that the client can act on, with the code of the refusal. */
class ModelRefused extends DomainError {
  readonly code: string;

  constructor(refusal: ModelRefusal) {
    super(refusal.message, { cause: refusal });
    this.code = refusal.code;
  }
}

/** Rethrows, with a refusal of a model as a `DomainError`. */
function rethrowModelRefusal(error: unknown): never {
  throw error instanceof ModelRefusal ? new ModelRefused(error) : error;
}
