import { setPriority } from 'node:os';
import { parentPort } from 'node:worker_threads';
import { packError } from './thread-errors.ts';
import type { TaskResult } from './worker-threads.ts';

/** Computing gives way to the event loop and to the database where cores are few. */
const niceness = 2;

/** Answers the tasks that the main thread gives to this one. */
export function serveTasks<Task>(run: (task: Task) => Promise<unknown>): void {
  // On Linux the priority is the thread's; elsewhere it would be that of the whole process.
  if (process.platform === 'linux') setPriority(niceness);
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
