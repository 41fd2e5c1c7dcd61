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

it('takes signals within half a second of the first one for the same one', () => {
  expect(count(0, 3, 499)).toEqual(['stop SIGINT']);
});

it('does not wait any longer after a later signal', () => {
  expect(count(0, 3, 500)).toEqual(['stop SIGINT', 'stop now SIGINT']);
});

it('knows the exit code that a shell reports for a signal', () => {
  expect([exitCodeOf('SIGHUP'), exitCodeOf('SIGINT'), exitCodeOf('SIGTERM')]).toEqual([
    129, 130, 143,
  ]);
});
