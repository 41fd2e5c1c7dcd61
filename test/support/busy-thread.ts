import { threadId } from 'node:worker_threads';
import { DomainError, NotFound } from '../../src/platform/errors.ts';
import { serveTasks } from '../../src/platform/serve-tasks.ts';

class InvalidHistory extends DomainError {
  readonly code = 'INVALID_HISTORY';
}

/** The task of a thread in a test. */
export type BusyTask =
  /** Computes until the first number is set to 1, and counts rounds in the second. */
  | { do: 'SPIN'; shared: Int32Array }
  /** Returns the id of the thread. */
  | { do: 'NAME' }
  | { do: 'REFUSE' | 'REFUSE_OTHERWISE' | 'FAIL' | 'FILL_MEMORY' | 'EXIT' };

const deeds: Record<BusyTask['do'], (task: never) => unknown> = {
  SPIN({ shared }: { shared: Int32Array }) {
    while (Atomics.load(shared, 0) === 0) Atomics.add(shared, 1, 1);
    return 'done';
  },
  NAME: () => threadId,
  REFUSE() {
    throw new NotFound('customer');
  },
  REFUSE_OTHERWISE() {
    throw new InvalidHistory('it is none');
  },
  FAIL() {
    const cause = Object.assign(new Error('Too slow'), { code: '57014', severity: 'ERROR' });
    throw new TypeError('It failed', { cause });
  },
  FILL_MEMORY() {
    const kept: number[][] = [];
    for (;;) kept.push(Array.from({ length: 10_000 }, Math.random));
  },
  EXIT: () => process.exit(3),
};

serveTasks(async (task: BusyTask) => deeds[task.do](task as never));
