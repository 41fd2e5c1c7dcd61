import { setImmediate } from 'node:timers/promises';
import { type ExecutionResult, execute, type GraphQLError } from 'graphql';
import type { Principal } from '../../../access/principal.ts';
import { isTransient } from '../../../platform/storage-errors.ts';
import type { Operation, OperationContext } from './operation-context.ts';

/** Executes the operations of subscriptions for their items. */
export interface ExecutionRounds {
  /**
   * Executes the operation once for each item. Those of one workspace and scopes that are waiting share a snapshot and
   * what they load.
   *
   * @throws the error of the database where it may succeed a moment later: nothing may be delivered then
   */
  execute(
    principal: Principal | undefined,
    operation: Operation,
    items: readonly unknown[],
  ): Promise<ExecutionResult[]>;
}

interface Job {
  operation: Operation;
  items: readonly unknown[];
  resolve(results: ExecutionResult[]): void;
  reject(error: unknown): void;
}

interface Queue {
  principal: Principal | undefined;
  jobs: Job[];
  running: number;
}

/** Executions that share one snapshot. */
const maxItems = 1_024;
/** So that a slow operation does not hold up the others of its workspace. */
const maxRounds = 2;

export function createExecutionRounds(
  createContext: (principal: Principal | undefined) => OperationContext,
): ExecutionRounds {
  const queues = new Map<string, Queue>();

  async function runRounds(key: string, queue: Queue) {
    queue.running += 1;
    // Those that wait for the same change arrive within this turn of the event loop.
    await setImmediate();
    while (queue.jobs.length > 0) await runRound(queue.principal, takeJobs(queue.jobs));
    queue.running -= 1;
    if (queue.running === 0 && queues.get(key) === queue) queues.delete(key);
  }

  async function runRound(principal: Principal | undefined, jobs: readonly Job[]) {
    const context = createContext(principal);
    const settled = await Promise.allSettled(jobs.map((job) => executeJob(job, context)));
    const hasFailed = context.hasFailed();
    await context.end();
    for (const [index, job] of jobs.entries()) {
      const outcome = settled[index];
      if (outcome?.status === 'rejected') job.reject(outcome.reason);
      // The statement that failed may be another operation's: it fails all that follow in the transaction.
      else if (hasFailed && jobs.length > 1) await runRound(principal, [job]);
      else if (outcome) settle(job, outcome.value);
    }
  }

  return {
    execute(principal, operation, items) {
      const key = principal ? `${principal.workspaceId} ${principal.scopes.toSorted()}` : '';
      const queue = queues.get(key) ?? { principal, jobs: [], running: 0 };
      queues.set(key, queue);
      const { promise, resolve, reject } = Promise.withResolvers<ExecutionResult[]>();
      queue.jobs.push({ operation, items, resolve, reject });
      if (queue.running < maxRounds) void runRounds(key, queue);
      return promise;
    },
  };
}

/** Takes the first jobs with at most `maxItems` items, and at least one job. */
function takeJobs(jobs: Job[]): Job[] {
  let items = 0;
  const end = jobs.findIndex((job, index) => {
    items += job.items.length;
    return index > 0 && items > maxItems;
  });
  return jobs.splice(0, end === -1 ? jobs.length : end);
}

const executeJob = ({ operation, items }: Job, contextValue: OperationContext) =>
  Promise.all(
    items.map(async (rootValue): Promise<ExecutionResult> => {
      const result = await execute({ ...operation, rootValue, contextValue });
      // Copied, because resolvers that are still running append errors to the list of a complete result.
      return result.errors ? { ...result, errors: [...result.errors] } : result;
    }),
  );

function settle({ resolve, reject }: Job, results: ExecutionResult[]) {
  const failure = results.flatMap(({ errors = [] }) => errors).find(isTransientFailure);
  if (failure) reject(failure.originalError);
  else resolve(results);
}

const isTransientFailure = (error: GraphQLError) => isTransient(error.originalError);
