import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { NotFound, Overloaded } from '../../../src/platform/errors.ts';
import { isQueryTooSlow } from '../../../src/platform/storage-errors.ts';
import { unpackError } from '../../../src/platform/thread-errors.ts';
import {
  createWorkerThreads,
  type TaskResult,
  TaskTooLarge,
  threadSlots,
  type WorkerThreadsOptions,
} from '../../../src/platform/worker-threads.ts';
import type { BusyTask } from '../../support/busy-thread.ts';

const never = new AbortController().signal;

function createThreads(options: Partial<WorkerThreadsOptions> = {}) {
  const threads = createWorkerThreads({
    module: new URL('../../support/busy-thread.ts', import.meta.url),
    workerData: undefined,
    maxHeapMb: 128,
    idleMs: 60_000,
    ...options,
  });
  onTestFinished(() => threads.end());
  return {
    ...threads,
    run: (task: BusyTask, signal = never) => threads.run(task, signal),
  };
}

/** The numbers shared between a test and a thread. */
const share = () => new Int32Array(new SharedArrayBuffer(8));

async function waitUntilBusy(shared: Int32Array) {
  while (Atomics.load(shared, 1) === 0) await turn();
}

async function failureOf(answer: Promise<TaskResult>): Promise<Error> {
  const result = await answer;
  if ('value' in result) throw new Error('It did not fail');
  return unpackError(result.error);
}

it('leaves the event loop free while a task computes', async () => {
  const threads = createThreads();
  const shared = share();

  const answer = threads.run({ do: 'SPIN', shared });
  await waitUntilBusy(shared);
  Atomics.store(shared, 0, 1);

  expect(await answer).toEqual({ value: 'done' });
});

it('terminates the thread of an aborted task that is busy', async () => {
  const threads = createThreads();
  const shared = share();
  const leaving = new AbortController();
  const answer = threads.run({ do: 'SPIN', shared }, leaving.signal);
  await waitUntilBusy(shared);

  leaving.abort(new Error('The client has left'));
  await expect(answer).rejects.toThrow('The client has left');

  const rounds = Atomics.load(shared, 1);
  expect(await threads.run({ do: 'NAME' })).toHaveProperty('value');
  expect(Atomics.load(shared, 1)).toBe(rounds);
});

it('starts no task that is already aborted', async () => {
  const threads = createThreads();

  await expect(threads.run({ do: 'NAME' }, AbortSignal.abort())).rejects.toThrow('aborted');
});

it('reuses a thread for the next task and runs one task per thread', async () => {
  const threads = createThreads();

  const [first, second] = await Promise.all([
    threads.run({ do: 'NAME' }),
    threads.run({ do: 'NAME' }),
  ]);
  const third = await threads.run({ do: 'NAME' });

  expect(first).not.toEqual(second);
  expect([first, second]).toContainEqual(third);
});

it('ends a thread that has been idle for the maximum time', async () => {
  const threads = createThreads({ idleMs: 1 });

  const first = await threads.run({ do: 'NAME' });
  const again = async () => threads.run({ do: 'NAME' });

  await expect.poll(again).not.toEqual(first);
});

describe('a task that fails', () => {
  it('is restored as the same class if it is a refusal of the platform', async () => {
    const error = await failureOf(createThreads().run({ do: 'REFUSE' }));

    expect(error).toBeInstanceOf(NotFound);
    expect(error).toMatchObject({
      ...new NotFound('customer'),
      message: new NotFound('customer').message,
    });
  });

  it('keeps code and status if it is a refusal of another class', async () => {
    const error = await failureOf(createThreads().run({ do: 'REFUSE_OTHERWISE' }));

    expect(error).toMatchObject({
      name: 'InvalidHistory',
      code: 'INVALID_HISTORY',
      status: 400,
      message: expect.stringContaining('it is none'),
    });
  });

  it('keeps the cause of any other error, which identifies database failures', async () => {
    const error = await failureOf(createThreads().run({ do: 'FAIL' }));

    expect(error).toMatchObject({ name: 'TypeError', message: 'It failed' });
    expect(error.stack).toContain('busy-thread.ts');
    expect(isQueryTooSlow(error)).toBe(true);
  });

  it('is refused when it exceeds its memory limit, and the next task runs', async () => {
    const threads = createThreads({ maxHeapMb: 32 });

    await expect(threads.run({ do: 'FILL_MEMORY' })).rejects.toThrow(TaskTooLarge);

    expect(await threads.run({ do: 'NAME' })).toHaveProperty('value');
  });

  it('fails when its thread ends, and the next task runs', async () => {
    const threads = createThreads();

    await expect(threads.run({ do: 'EXIT' })).rejects.toThrow('The thread ended before its task');

    expect(await threads.run({ do: 'NAME' })).toHaveProperty('value');
  });
});

it('terminates all threads and starts no more tasks', async () => {
  const threads = createThreads();
  const shared = share();
  const answer = threads.run({ do: 'SPIN', shared });
  const failure = answer.catch((error: unknown) => error);
  await waitUntilBusy(shared);

  await threads.end();

  expect(await failure).toBeInstanceOf(Overloaded);
  await expect(threads.run({ do: 'NAME' })).rejects.toThrow(Overloaded);
});

it('computes on all cores but one, and runs at least one task of each kind', () => {
  const slots = [1, 2, 3, 4, 8].map((cores) => threadSlots(cores));

  expect(slots.map(({ foreground, background }) => foreground + background)).toEqual([
    2, 2, 2, 3, 7,
  ]);
  expect(slots.every(({ background }) => background === 1)).toBe(true);
  expect(threadSlots(64).foreground).toBe(8);
});
