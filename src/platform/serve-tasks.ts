import { parentPort } from 'node:worker_threads';
import { packError } from './thread-errors.ts';
import type { TaskResult } from './worker-threads.ts';

/** Answers the tasks that the main thread gives to this one. */
export function serveTasks<Task>(run: (task: Task) => Promise<unknown>): void {
  const port = parentPort;
  if (!port) throw new Error('This module is run by a thread of the server');
  port.on('message', (task: Task) => {
    const settled: Promise<TaskResult> = run(task).then(
      (value) => ({ value }),
      (error: unknown) => ({ error: packError(error) }),
    );
    void settled.then((result) => port.postMessage(result));
  });
}
