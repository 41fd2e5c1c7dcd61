import { setImmediate } from 'node:timers/promises';
import type { ChangeStream } from '../../src/engine/changes/hub.ts';

/** A change log in memory. */
export function createLog() {
  let head = 0n;
  const waiting = new Set<() => void>();
  const open = new Set<object>();

  function follow(after: bigint): ChangeStream<unknown> {
    let position = after;
    let hasLeft = false;
    const { promise: caughtUp, resolve: onCaughtUp } = Promise.withResolvers<void>();
    const stream: ChangeStream<unknown> = {
      async next() {
        while (position >= head && !hasLeft) {
          onCaughtUp();
          const moved = Promise.withResolvers<void>();
          waiting.add(moved.resolve);
          await moved.promise;
          waiting.delete(moved.resolve);
        }
        if (hasLeft) return { done: true, value: undefined };
        position += 1n;
        return { done: false, value: { cursor: cursorAt(position) } };
      },
      async return() {
        hasLeft = true;
        open.delete(stream);
        onCaughtUp();
        for (const resolve of waiting) resolve();
        return { done: true, value: undefined };
      },
      examined: () => cursorAt(position),
      caughtUp,
      [Symbol.asyncIterator]: () => stream,
    };
    open.add(stream);
    return stream;
  }

  return {
    follow,
    head: () => head,
    followers: () => open.size,
    async append() {
      head += 1n;
      for (const resolve of waiting) resolve();
      await setImmediate();
    },
    /** Waits until the subscriptions have read what there is. */
    async settle() {
      for (let turn = 0; turn < 20; turn += 1) await setImmediate();
    },
  };
}

const cursorAt = (position: bigint) => `testepoch.${position}`;
