import { setTimeout as elapsed } from 'node:timers/promises';

export interface Pace {
  perSecond: number;
  seconds: number;
}

/** Short, so that few changes are delivered at once. */
const tickMs = 20;
const maxPerTick = 500;

/**
 * Calls `send` with what is due, one call after another: a slow call makes the next one larger. Gives up after twice the
 * time. Returns how many were sent, and in how many seconds.
 */
export async function keepPace(
  { perSecond, seconds }: Pace,
  send: (first: number, count: number) => Promise<void> | void,
): Promise<{ sent: number; seconds: number }> {
  const total = Math.round(perSecond * seconds);
  const began = performance.now();
  const passed = () => (performance.now() - began) / 1_000;
  let sent = 0;
  while (sent < total && passed() < 2 * seconds) {
    const due = Math.min(total, 1 + Math.floor(passed() * perSecond));
    const count = Math.min(due - sent, maxPerTick);
    if (count > 0) {
      await send(sent, count);
      sent += count;
    }
    const next = Math.max(tickMs, (1_000 * sent) / perSecond - 1_000 * passed());
    if (sent < total) await elapsed(next);
  }
  return { sent, seconds: passed() };
}
