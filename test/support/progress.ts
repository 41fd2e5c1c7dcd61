import { setTimeout as pause } from 'node:timers/promises';

/**
 * Waits until a count has reached its target, however long that takes while it grows.
 *
 * @throws Error when it has not grown for `maxStallMs`
 */
export async function waitWhileGrowing(
  what: string,
  { count, target, maxStallMs = 60_000 }: { count(): number; target: number; maxStallMs?: number },
): Promise<void> {
  let last = count();
  let grownAt = performance.now();
  while (last < target) {
    await pause(20);
    const current = count();
    if (current !== last) grownAt = performance.now();
    else if (performance.now() - grownAt > maxStallMs) {
      const stall = `none was added for ${maxStallMs / 1_000} s`;
      throw new Error(`${what}: ${current} of ${target}, and ${stall}`);
    }
    last = current;
  }
}
