import { parentPort } from 'node:worker_threads';
import { packError } from './thread-errors.ts';
import type { TaskResult } from './worker-threads.ts';

/** Runs the tasks that the main thread posts to this thread. */
export function serveTasks<Task>(run: (task: Task) => Promise<unknown>): void {
  const port = parentPort;
  if (!port) throw new Error('This module must run in a worker thread');
  port.on('message', (task: Task) => {
    const settled: Promise<TaskResult> = run(task).then(
      (value) => ({ value }),
      (error: unknown) => ({ error: packError(error) }),
    );
    void settled.then((result) => port.postMessage(result));
  });
}
