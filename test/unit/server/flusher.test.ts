import { expect, it } from 'vitest';
import { createFlusher } from '../../../src/entrypoints/server/live/flusher.ts';

/** Work that keeps the process busy for so long. */
function work(ms: number) {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

it('runs what was added, in order, after the caller has gone on', async () => {
  const flusher = createFlusher();
  const { promise, resolve } = Promise.withResolvers<void>();
  const order: string[] = [];

  flusher.add(() => order.push('first'));
  flusher.add(() => {
    order.push('second');
    resolve();
  });
  order.push('caller');
  await promise;

  expect(order).toEqual(['caller', 'first', 'second']);
});

it('runs once more what adds itself during a flush', async () => {
  const flusher = createFlusher();
  const { promise, resolve } = Promise.withResolvers<number>();
  let runs = 0;
  const flush = () => {
    runs += 1;
    if (runs === 3) resolve(runs);
    else flusher.add(flush);
  };

  flusher.add(flush);

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
    flusher.add(() => {
      work(0.5);
      done += 1;
      if (done === 1) setImmediate(watch);
      if (done === flushes) resolve();
    });
  }
  await promise;

  const inBetween = otherWorkAfter.filter((count) => count < flushes);
  expect(inBetween.length).toBeGreaterThan(5);
});
