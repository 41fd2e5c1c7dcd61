import { setTimeout as wait } from 'node:timers/promises';
import type { ShopOptions, TimedCall } from './simulate-shop.ts';
import { simulateShop } from './simulate-shop.ts';
import type { TrackingCall } from './tracking-call.ts';

export interface DemoOptions extends Partial<Omit<ShopOptions, 'startedAt'>> {
  /** Hands calls to the server; if it rejects, they are lost and the demo goes on. */
  send: (calls: TrackingCall[]) => Promise<unknown>;
  signal: AbortSignal;
  /** Told of every rejection of `send`, so that the caller can log it. */
  onError?: (error: unknown) => void;
  now?: () => Date;
  /** Resolves after so many milliseconds, or at once when the signal aborts. */
  sleep?: (milliseconds: number, signal: AbortSignal) => Promise<unknown>;
}

const mostCallsAtOnce = 500;
// After a pause (a computer asleep, a server away) the demo goes on instead of catching up.
const mostLag = 5000;

/** Feeds a simulated shop to `send` in real time until the signal aborts. */
export async function runDemo(options: DemoOptions): Promise<void> {
  const { send, signal, onError = () => {}, now = () => new Date(), sleep = pause } = options;
  const { random = Math.random, eventsPerSecond = 3 } = options;
  const shop = simulateShop({ ...options, random, eventsPerSecond, startedAt: now() });
  let next = shop.next().value;
  let due = now().getTime() + next.delay;
  while (!signal.aborted) {
    if (due > now().getTime()) await sleep(due - now().getTime(), signal);
    if (signal.aborted) return;
    due = Math.max(due, now().getTime() - mostLag);
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

/** All calls due by now, and the first that is not. */
function takeDue(
  { next, due }: { next: TimedCall; due: number },
  shop: Generator<TimedCall, never>,
  now: number,
) {
  const calls: TrackingCall[] = [];
  while (due <= now && calls.length < mostCallsAtOnce) {
    // Real time: the simulated one would fall behind with every pause.
    calls.push({ ...next.call, timestamp: new Date(due).toISOString() });
    next = shop.next().value;
    due += next.delay;
  }
  return { calls, next, due };
}

const pause = (milliseconds: number, signal: AbortSignal) =>
  wait(milliseconds, undefined, { signal }).catch(() => {});
