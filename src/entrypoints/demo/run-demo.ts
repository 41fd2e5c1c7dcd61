import { setTimeout as wait } from 'node:timers/promises';
import type { ShopOptions, TimedCall } from './simulate-shop.ts';
import { simulateShop } from './simulate-shop.ts';
import type { TrackingCall } from './tracking-call.ts';

export interface DemoOptions extends Partial<Omit<ShopOptions, 'startedAt'>> {
  /** Sends calls to the server. If it rejects, they are lost and the demo continues. */
  send: (calls: TrackingCall[]) => Promise<unknown>;
  signal: AbortSignal;
  /** Called for every rejection of `send`. */
  onError?: (error: unknown) => void;
  now?: () => Date;
  /** Resolves after this time, or as soon as the signal aborts. */
  sleep?: (milliseconds: number, signal: AbortSignal) => Promise<unknown>;
}

const batchSize = 500;
// After a longer pause (a suspended computer, an unavailable server) the demo continues without catching up.
const maxLagMs = 5000;

/** Sends the calls of a simulated shop in real time until the signal aborts. */
export async function runDemo(options: DemoOptions): Promise<void> {
  const { send, signal, onError = () => {}, now = () => new Date(), sleep = pause } = options;
  const { random = Math.random, eventsPerSecond = 3 } = options;
  const shop = simulateShop({ ...options, random, eventsPerSecond, startedAt: now() });
  let next = shop.next().value;
  let due = now().getTime() + next.delay;
  while (!signal.aborted) {
    if (due > now().getTime()) await sleep(due - now().getTime(), signal);
    if (signal.aborted) return;
    due = Math.max(due, now().getTime() - maxLagMs);
    const batch = takeDue({ next, due }, shop, now().getTime());
    ({ next, due } = batch);
    if (batch.calls.length === 0) continue;
    try {
      await send(batch.calls);
    } catch (error) {
      onError(error);
    }
  }
}

/** Takes a batch of the calls that are due, and the call after them. */
function takeDue(
  { next, due }: { next: TimedCall; due: number },
  shop: Generator<TimedCall, never>,
  now: number,
) {
  const calls: TrackingCall[] = [];
  while (due <= now && calls.length < batchSize) {
    // Real time: the simulated time lags behind after a pause.
    calls.push({ ...next.call, timestamp: new Date(due).toISOString() });
    next = shop.next().value;
    due += next.delay;
  }
  return { calls, next, due };
}

const pause = (milliseconds: number, signal: AbortSignal) =>
  wait(milliseconds, undefined, { signal }).catch(() => {});
