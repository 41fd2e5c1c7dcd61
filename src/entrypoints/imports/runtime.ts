/** Clock, randomness and timers as an argument, so that tests do not wait. */
export interface Runtime {
  /** Milliseconds since a fixed instant. */
  now: () => number;
  random: () => number;
  sleep: (milliseconds: number) => Promise<unknown>;
}

export const systemRuntime: Runtime = {
  now: Date.now,
  random: Math.random,
  sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
};
