import { writeFile } from 'node:fs/promises';
import { availableParallelism, cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createLifetime } from '../src/platform/lifetime.ts';
import { benchIngest } from './ingest.ts';
import { formatLine, formatTable, type Measurement } from './report.ts';
import { type BenchServer, projectFolder, startBenchServer } from './server.ts';

/** What every benchmark is given. */
export interface Bench {
  runs: number;
  say(sentence: string): void;
  /** A server that nobody has used; it ends with the bench at the latest. */
  freshServer(): Promise<BenchServer>;
}

const benchmarks: Record<string, (bench: Bench) => Promise<Measurement[]>> = {
  ingest: benchIngest,
};
console.log(await benchIngest({ runs: 3, say: console.log, freshServer: () => startBenchServer({ cpuProfile: undefined }) }).then(formatTable));
