/** Time and chance, as arguments, so that nothing has to wait in a test. */
export interface Surroundings {
  /** Milliseconds since some fixed moment. */
  now: () => number;
  random: () => number;
  sleep: (milliseconds: number) => Promise<unknown>;
}

export const realSurroundings: Surroundings = {
  now: Date.now,
  random: Math.random,
  sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
};
