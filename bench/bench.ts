import type { BenchServer } from './server.ts';

/** What every benchmark is given. */
export interface Bench {
  runs: number;
  say(sentence: string): void;
  /** A server that nobody has used; it ends with the bench at the latest. */
  freshServer(): Promise<BenchServer>;
}
