import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { DomainError, Overloaded } from './errors.ts';
import type { PackedError } from './thread-errors.ts';

/** Each takes memory and a connection to the database. */
const maxForeground = 8;

/**
 * How many threads may compute at a time: one for what clients do not wait for, and the other cores but one, which is
 * left to the event loop, for what they wait for; at least one each. Decision 0023.
 */
export const threadSlots = (cores = availableParallelism()) => ({
  foreground: Math.min(maxForeground, Math.max(1, cores - 2)),
  background: 1,
});

/** Threads that run one task each at a time, made when needed and kept for a while. */
export interface WorkerThreads {
  /**
   * Runs a task in a thread of its own; how many run at a time is for the caller to limit. A task that is aborted
   * ends with its thread, at once and wherever it is; the promise is settled when the thread is gone.
   *
   * @throws the signal's reason when it aborts; TaskTooLarge; Overloaded once the threads have ended
   */
  run(task: unknown, signal: AbortSignal): Promise<TaskResult>;
  /** Ends all threads, whatever they are doing. */
  end(): Promise<void>;
}

/** What the thread answers: see `serve-tasks.ts`. */
export type TaskResult = { value: unknown } | { error: PackedError };

/** A task needed more memory than a thread may use. */
export class TaskTooLarge extends DomainError {
  readonly code = 'TASK_TOO_LARGE';
  override readonly status = 422;

  constructor(maxHeapMb: number, options?: ErrorOptions) {
    super(
      `Computing this takes more than the ${maxHeapMb} MB of memory that one computation may use: ask about fewer customers or an earlier time.`,
      options,
    );
  }
}

export interface WorkerThreadsOptions {
  /** The module that every thread runs. */
  module: URL;
  workerData: unknown;
  maxHeapMb: number;
  /** How long a thread without a task is kept. */
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
    // An idle thread that fails has nothing to answer for; it is replaced.
    thread.on('error', () => forget(thread));
    return thread;
  }

  function forget(thread: Worker) {
    all.delete(thread);
    clearTimeout(idle.get(thread));
    idle.delete(thread);
  }

  function take(): Worker {
    const [known] = idle.keys();
    if (!known) return start();
    clearTimeout(idle.get(known));
    idle.delete(known);
    known.ref();
    return known;
  }

  function keep(thread: Worker) {
    if (!all.has(thread)) return;
    // Neither the thread nor the timer keeps the process alive.
    thread.unref();
    const dismiss = () => {
      idle.delete(thread);
      void thread.terminate();
    };
    idle.set(thread, setTimeout(dismiss, idleMs).unref());
  }

  return {
    async run(task, signal) {
      signal.throwIfAborted();
      if (hasEnded) throw shuttingDown();
      const thread = take();
      try {
        const result = await answerOf(thread, task, signal);
        keep(thread);
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

/** What the thread says first: its answer, its failure or its end; or the abort. */
function answerOf(thread: Worker, task: unknown, signal: AbortSignal): Promise<TaskResult> {
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
