import { expect, it } from 'vitest';
import { createSignalCounter, exitCodeOf } from '../../../src/platform/stop-signals.ts';

function count(...instants: number[]) {
  const calls: string[] = [];
  const receive = createSignalCounter({
    stop: (signal) => calls.push(`stop ${signal}`),
    stopNow: (signal) => calls.push(`stop now ${signal}`),
  });
  for (const instant of instants) receive('SIGINT', instant);
  return calls;
}

it('ignores signals within half a second of the first', () => {
  expect(count(0, 3, 499)).toEqual(['stop SIGINT']);
});

it('stops immediately after a later signal', () => {
  expect(count(0, 3, 500)).toEqual(['stop SIGINT', 'stop now SIGINT']);
});

it('returns the exit code that a shell reports for a signal', () => {
  expect([exitCodeOf('SIGHUP'), exitCodeOf('SIGINT'), exitCodeOf('SIGTERM')]).toEqual([
    129, 130, 143,
  ]);
});
