/** Pseudo-random numbers that a seed reproduces (mulberry32). */
export interface SeededRandom {
  /** In [0, 1). */
  next(): number;
  /** A whole number from `min` to `max`, both included. */
  between(min: number, max: number): number;
}

/** The seed to repeat a run with: STAGELINE_CHAOS_SEED, or a new one. Print it. */
export const chosenSeed = () =>
  Number(process.env['STAGELINE_CHAOS_SEED'] ?? Math.floor(Math.random() * 2 ** 31));

export function createRandom(seed: number): SeededRandom {
  let state = seed;
  function next() {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }
  return { next, between: (min, max) => min + Math.floor(next() * (max - min + 1)) };
}
