import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { DomainError, Overloaded } from './errors.ts';
import type { PackedError } from './thread-errors.ts';

/** Each thread needs memory and a database connection. */
const maxForeground = 8;

/**
 * The number of threads: one in the background for work that clients do not wait for. For work that they wait for,
 * one per core but two, because one core is left to the event loop. At least one each. Decision 0023.
 */
export const threadSlots = (cores = availableParallelism()) => ({
  foreground: Math.min(maxForeground, Math.max(1, cores - 2)),
  background: 1,
});

/** Worker threads that run one task at a time. They start on demand and end after `idleMs` without a task. */
export interface WorkerThreads {
  /**
   * Runs a task in its own thread. The caller limits how many run at a time. Aborting the signal terminates the thread
   * immediately; the promise settles when the thread has ended.
   *
   * @throws the signal's reason when it aborts; TaskTooLarge; Overloaded once the threads have ended
   */
  run(task: unknown, signal: AbortSignal): Promise<TaskResult>;
  /** Terminates all threads, also those that run a task. */
  end(): Promise<void>;
}

/** The message that a thread posts: see `serve-tasks.ts`. */
export type TaskResult = { value: unknown } | { error: PackedError };

/** A task exceeded the memory limit of its thread. */
export class TaskTooLarge extends DomainError {
  readonly code = 'TASK_TOO_LARGE';
  override readonly status = 422;

  constructor(maxHeapMb: number, options?: ErrorOptions) {
    super(
      `The computation exceeded its memory limit of ${maxHeapMb} MB. Request fewer customers or an earlier time.`,
      options,
    );
  }
}

export interface WorkerThreadsOptions {
  /** The module that every thread runs. */
  module: URL;
  workerData: unknown;
  maxHeapMb: number;
  /** A thread without a task ends after this time. */
  idleMs: number;
}

export function createWorkerThreads(options: WorkerThreadsOptions): WorkerThreads {
  const { module, workerData, maxHeapMb, idleMs } = options;
  const all = new Set<Worker>();
  const idle = new Map<Worker, NodeJS.Timeout>();
  let hasEnded = false;

  function start(): Worker {
    const resourceLimits = { maxOldGenerationSizeMb: maxHeapMb };
    const thread = new Worker(module, { workerData, resourceLimits, execArgv: [] });
    all.add(thread);
    thread.once('exit', () => forget(thread));
    // An idle thread that fails has no task to reject; the next task starts another.
    thread.on('error', () => forget(thread));
    return thread;
  }

  function forget(thread: Worker) {
    all.delete(thread);
    clearTimeout(idle.get(thread));
    idle.delete(thread);
  }

  function acquire(): Worker {
    const [known] = idle.keys();
    if (!known) return start();
    clearTimeout(idle.get(known));
    idle.delete(known);
    known.ref();
    return known;
  }

  function park(thread: Worker) {
    if (!all.has(thread)) return;
    // Neither the thread nor the timer may keep the process alive.
    thread.unref();
    const terminate = () => {
      idle.delete(thread);
      void thread.terminate();
    };
    idle.set(thread, setTimeout(terminate, idleMs).unref());
  }

  return {
    async run(task, signal) {
      signal.throwIfAborted();
      if (hasEnded) throw shuttingDown();
      const thread = acquire();
      try {
        const result = await runTask(thread, task, signal);
        park(thread);
        return result;
      } catch (error) {
        await thread.terminate();
        if (hasEnded) throw shuttingDown();
        throw isOutOfMemory(error) ? new TaskTooLarge(maxHeapMb, { cause: error }) : error;
      }
    },
    async end() {
      hasEnded = true;
      await Promise.all([...all].map((thread) => thread.terminate()));
    },
  };
}

/** Settles with the thread's result, its failure, its exit or the abort, whichever comes first. */
function runTask(thread: Worker, task: unknown, signal: AbortSignal): Promise<TaskResult> {
  const { promise, resolve, reject } = Promise.withResolvers<TaskResult>();
  const onExit = () => reject(new Error('The thread ended before its task'));
  const onAbort = () => reject(signal.reason);
  thread.once('message', resolve).once('error', reject).once('exit', onExit);
  signal.addEventListener('abort', onAbort, { once: true });
  thread.postMessage(task);
  return promise.finally(() => {
    thread.off('message', resolve).off('error', reject).off('exit', onExit);
    signal.removeEventListener('abort', onAbort);
  });
}

const shuttingDown = () => new Overloaded('The server is shutting down.');

const isOutOfMemory = (error: unknown) =>
  (error as { code?: unknown } | undefined)?.code === 'ERR_WORKER_OUT_OF_MEMORY';
