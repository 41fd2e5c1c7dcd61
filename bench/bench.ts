import type { BenchServer } from './server.ts';

/** The parameters of every benchmark. */
export interface Bench {
  runs: number;
  log(message: string): void;
  /** Starts a server with an empty database; it is stopped at the end of the run at the latest. */
  freshServer(): Promise<BenchServer>;
}
