import type { ChildProcess } from 'node:child_process';

/**
 * Signals a child process when this process exits in any way but SIGKILL. Does not wait for the child to end.
 */
export function endWithProcess(child: ChildProcess, signal: NodeJS.Signals) {
  const end = () => void child.kill(signal);
  process.once('exit', end);
  child.once('exit', () => process.off('exit', end));
}
