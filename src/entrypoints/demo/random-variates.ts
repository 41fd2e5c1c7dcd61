/** A source of numbers in [0, 1), such as `Math.random`. */
export type Random = () => number;

/** A deterministic pseudo-random source (mulberry32). */
export function createSeededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let bits = Math.imul(state ^ (state >>> 15), state | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Draws the waiting time until the next event of a Poisson process with this rate. */
// 1 - random() is never 0, whose logarithm would be infinite.
export const drawExponential = (random: Random, rate: number): number =>
  -Math.log(1 - random()) / rate;

/** Draws from a gamma distribution with shape and rate (not scale), after Marsaglia and Tsang (2000). */
export function drawGamma(
  random: Random,
  { shape, rate }: { shape: number; rate: number },
): number {
  // The method needs a shape of at least 1; for a smaller one, another draw corrects a larger shape.
  if (shape < 1) {
    const larger = drawGamma(random, { shape: shape + 1, rate });
    return larger * (1 - random()) ** (1 / shape);
  }
  const d = shape - 1 / 3;
  for (;;) {
    const normal = drawNormal(random);
    const v = (1 + normal / Math.sqrt(9 * d)) ** 3;
    if (v > 0 && Math.log(1 - random()) < normal ** 2 / 2 + d - d * v + d * Math.log(v)) {
      return (d * v) / rate;
    }
  }
}

/** Draws from a beta distribution. */
export function drawBeta(random: Random, { a, b }: { a: number; b: number }): number {
  const first = drawGamma(random, { shape: a, rate: 1 });
  return first / (first + drawGamma(random, { shape: b, rate: 1 }));
}

/** Draws one of the entries with equal probability. */
export function pick<const T extends readonly [unknown, ...unknown[]]>(
  random: Random,
  entries: T,
): T[number] {
  return entries[Math.floor(random() * entries.length)] ?? entries[0];
}

function drawNormal(random: Random) {
  const radius = Math.sqrt(-2 * Math.log(1 - random()));
  return radius * Math.cos(2 * Math.PI * random());
}
