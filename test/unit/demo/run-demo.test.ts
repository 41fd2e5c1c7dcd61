import { expect, it } from 'vitest';
import { createSeededRandom } from '../../../src/entrypoints/demo/random-variates.ts';
import { type DemoOptions, runDemo } from '../../../src/entrypoints/demo/run-demo.ts';
import type { TrackingCall } from '../../../src/entrypoints/demo/tracking-call.ts';

const start = Date.parse('2026-01-05T12:00:00Z');

/** Runs the demo with a simulated clock until `batches` were sent. */
async function run({ batches, ...options }: Partial<DemoOptions> & { batches: number }) {
  const stop = new AbortController();
  const clock = { at: start };
  const sent: Array<{ at: number; calls: TrackingCall[] }> = [];
  await runDemo({
    random: createSeededRandom(11),
    eventsPerSecond: 10,
    signal: stop.signal,
    now: () => new Date(clock.at),
    sleep: async (milliseconds) => {
      clock.at += milliseconds;
    },
    ...options,
    send: async (calls) => {
      sent.push({ at: clock.at, calls });
      if (sent.length >= batches) stop.abort();
      await options.send?.(calls);
      clock.at += 1;
    },
  });
  return { sent, clock };
}

it('sends calls when they are due, with the real time as timestamp, until it is stopped', async () => {
  const { sent } = await run({ batches: 300 });

  expect(sent.length).toBe(300);
  for (const { at, calls } of sent) {
    for (const { timestamp = '' } of calls) {
      expect(Math.abs(Date.parse(timestamp) - at)).toBeLessThan(100);
    }
  }
});

it('continues when sending fails, and reports the failure', async () => {
  const errors: unknown[] = [];

  const { sent } = await run({
    batches: 20,
    send: () => Promise.reject(new Error('away')),
    onError: (error) => errors.push(error),
  });

  expect(sent.length).toBe(20);
  expect(errors.length).toBe(20);
});

it('does not catch up after a long pause', async () => {
  const clock = { at: start };
  let slept = false;

  const { sent } = await run({
    batches: 50,
    now: () => new Date(clock.at),
    sleep: async (milliseconds) => {
      clock.at += slept ? milliseconds : 3_600_000;
      slept = true;
    },
  });

  expect(Math.max(...sent.map(({ calls }) => calls.length))).toBeLessThan(200);
  const stamps = sent.flatMap(({ calls }) => calls.map((call) => Date.parse(call.timestamp ?? '')));
  expect(stamps.every((stamp) => stamp >= start + 3_590_000)).toBe(true);
});

it('stops immediately when aborted during a wait, and sends nothing if aborted before the start', async () => {
  const stop = new AbortController();
  const sent: TrackingCall[][] = [];
  const send = async (calls: TrackingCall[]) => sent.push(calls);

  const running = runDemo({ send, signal: stop.signal, eventsPerSecond: 0.000_001 });
  stop.abort();
  await running;
  await runDemo({ send, signal: stop.signal });

  expect(sent.length).toBeLessThanOrEqual(1);
});
