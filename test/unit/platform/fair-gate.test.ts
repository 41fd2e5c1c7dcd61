import { expect, it } from 'vitest';
import { Overloaded } from '../../../src/platform/errors.ts';
import { createFairGate, type FairGateOptions } from '../../../src/platform/fair-gate.ts';

const gateOf = (options: Partial<FairGateOptions> = {}) =>
  createFairGate({
    slots: 2,
    slotsPerKey: 2,
    maxWaitingPerKey: 10,
    maxWaitMs: 60_000,
    ...options,
  });

/** Tasks that end when they are released, and the order in which they started. */
function createTasks(gate: ReturnType<typeof gateOf>) {
  const begun: string[] = [];
  const endings = new Map<string, () => void>();
  return {
    begun,
    start: (key: string, name: string, signal?: AbortSignal) =>
      gate.run(
        key,
        () => {
          begun.push(name);
          return new Promise<string>((resolve) => endings.set(name, () => resolve(name)));
        },
        signal,
      ),
    async end(name: string) {
      endings.get(name)?.();
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

it('runs no more tasks at a time than there are slots', async () => {
  const gate = gateOf();
  const tasks = createTasks(gate);

  void tasks.start('a', 'a1');
  void tasks.start('a', 'a2');
  void tasks.start('a', 'a3');

  expect(tasks.begun).toEqual(['a1', 'a2']);
  expect(gate.load()).toEqual({ running: 2, waiting: 1 });
  await tasks.end('a1');
  expect(tasks.begun).toEqual(['a1', 'a2', 'a3']);
});

it('leaves slots to other keys when one key uses its maximum', async () => {
  const tasks = createTasks(gateOf({ slots: 3, slotsPerKey: 2 }));

  for (const name of ['a1', 'a2', 'a3']) void tasks.start('a', name);
  void tasks.start('b', 'b1');

  expect(tasks.begun).toEqual(['a1', 'a2', 'b1']);
  await tasks.end('b1');
  expect(tasks.begun).toEqual(['a1', 'a2', 'b1']);
});

it('alternates between keys, however many tasks of one key wait', async () => {
  const tasks = createTasks(gateOf({ slots: 1 }));
  void tasks.start('a', 'a1');
  for (const name of ['a2', 'a3', 'a4']) void tasks.start('a', name);
  for (const name of ['b1', 'b2']) void tasks.start('b', name);

  for (const name of ['a1', 'a2', 'b1', 'a3', 'b2', 'a4']) await tasks.end(name);

  expect(tasks.begun).toEqual(['a1', 'a2', 'b1', 'a3', 'b2', 'a4']);
});

it('refuses a task immediately when the queue of its key is full', async () => {
  const tasks = createTasks(gateOf({ slots: 1, maxWaitingPerKey: 1 }));
  void tasks.start('a', 'a1');
  void tasks.start('a', 'a2');

  await expect(tasks.start('a', 'a3')).rejects.toBeInstanceOf(Overloaded);
  const other = tasks.start('b', 'b1');

  await tasks.end('a1');
  await tasks.end('a2');
  await tasks.end('b1');
  await expect(other).resolves.toBe('b1');
});

it('refuses a task that has waited too long, and never runs it', async () => {
  const gate = gateOf({ slots: 1, maxWaitMs: 1 });
  const tasks = createTasks(gate);
  void tasks.start('a', 'a1');

  await expect(tasks.start('a', 'a2')).rejects.toBeInstanceOf(Overloaded);

  await tasks.end('a1');
  expect(tasks.begun).toEqual(['a1']);
  expect(gate.load()).toEqual({ running: 0, waiting: 0 });
});

it('drops a task that is aborted while it waits', async () => {
  const gate = gateOf({ slots: 1 });
  const tasks = createTasks(gate);
  const leaving = new AbortController();
  void tasks.start('a', 'a1');
  const waiting = tasks.start('a', 'a2', leaving.signal);

  leaving.abort(new Error('The client has left'));

  await expect(waiting).rejects.toThrow('The client has left');
  expect(gate.load()).toEqual({ running: 1, waiting: 0 });
});

it('frees the slot of a task that fails', async () => {
  const gate = gateOf({ slots: 1 });

  await expect(gate.run('a', () => Promise.reject(new Error('no')))).rejects.toThrow('no');

  await expect(gate.run('a', async () => 'yes')).resolves.toBe('yes');
});
