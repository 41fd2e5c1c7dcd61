import { afterEach, expect, it, vi } from 'vitest';
import { createFlusher } from '../../../src/entrypoints/server/live/flusher.ts';

afterEach(() => {
  vi.useRealTimers();
});

/** Work that keeps the process busy for so long. */
function work(ms: number) {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

it('runs what was added, in order, after the caller has gone on', async () => {
  const flusher = createFlusher();
  const { promise, resolve } = Promise.withResolvers<void>();
  const order: string[] = [];

  flusher.add({ flush: () => void order.push('first') });
  flusher.add({
    flush() {
      order.push('second');
      resolve();
    },
  });
  order.push('caller');
  await promise;

  expect(order).toEqual(['caller', 'first', 'second']);
});

it('runs once more what adds itself during a flush', async () => {
  const flusher = createFlusher();
  const { promise, resolve } = Promise.withResolvers<number>();
  let runs = 0;
  const socket = {
    flush() {
      runs += 1;
      if (runs === 3) resolve(runs);
      else flusher.add(socket);
    },
  };

  flusher.add(socket);

  expect(await promise).toBe(3);
});

it('gives other work its turn between many flushes, and still runs all of them', async () => {
  const flusher = createFlusher();
  const { promise, resolve } = Promise.withResolvers<void>();
  const flushes = 200;
  let done = 0;
  const otherWorkAfter: number[] = [];
  const watch = () => {
    otherWorkAfter.push(done);
    if (done < flushes) setImmediate(watch);
  };
  for (let index = 0; index < flushes; index += 1) {
    flusher.add({
      flush() {
        work(0.5);
        done += 1;
        if (done === 1) setImmediate(watch);
        if (done === flushes) resolve();
      },
    });
  }
  await promise;

  const inBetween = otherWorkAfter.filter((count) => count < flushes);
  expect(inBetween.length).toBeGreaterThan(5);
});

it('goes on with the others after a flush that throws, and with what is added later', () => {
  // An error of a timer is then thrown by the call that runs it.
  vi.useFakeTimers({ toFake: ['setTimeout', 'setImmediate'] });
  const flusher = createFlusher();
  const flushed: string[] = [];
  const failing = {
    flush() {
      throw new Error('broken');
    },
  };
  const add = (name: string) => flusher.add({ flush: () => void flushed.push(name) });

  add('before');
  flusher.add(failing);
  add('after');
  flusher.add(failing);
  expect(() => vi.runAllTimers()).toThrow('broken');
  expect(() => vi.runAllTimers()).toThrow('broken');
  add('later');
  vi.runAllTimers();

  expect(flushed).toEqual(['before', 'after', 'later']);
});
