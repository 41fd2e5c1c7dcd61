import type { BenchServer } from './server.ts';

/** The parameters of every benchmark. */
export interface Bench {
  runs: number;
  live: LiveOptions;
  log(message: string): void;
  /** Starts a server with an empty database; it is stopped at the end of the run at the latest. */
  freshServer(settings?: NodeJS.ProcessEnv): Promise<BenchServer>;
}

/** Replace the numbers of the benchmarks of subscriptions. */
export interface LiveOptions {
  sockets?: number | undefined;
  /** Measured seconds, of one step where a benchmark has several. */
  seconds?: number | undefined;
  /** Deliveries per second, where a benchmark does not look for the highest rate. */
  rate?: number | undefined;
}
