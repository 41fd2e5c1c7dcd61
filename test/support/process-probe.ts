import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Measure } from './process-probe-preload.ts';
import { type Environment, type ServerProcess, startServerProcess } from './server-process.ts';

export interface ProbedServer extends ServerProcess {
  /**
   * Measures the process after a garbage collection. Counting stops the process, so each measurement is followed by a pause
   * as long as the last count took.
   */
  measure(): Promise<Measure>;
}

const preload = join(import.meta.dirname, 'process-probe-preload.ts');

/** Starts a server in its own process whose objects can be counted. */
export async function startProbedServer(
  dataFolder: string,
  environment: Environment = {},
): Promise<ProbedServer> {
  const folder = await mkdtemp(join(tmpdir(), 'probe-'));
  const file = join(folder, 'measure.json');
  const server = await startServerProcess(dataFolder, {
    NODE_OPTIONS: `--disable-warning=ExperimentalWarning --import=${preload}`,
    PROBE_FILE: file,
    ...environment,
  });
  void once(server.child, 'close').then(() => rm(folder, { recursive: true }));
  let tookMs = 0;
  return {
    ...server,
    async measure() {
      await pause(tookMs);
      await rm(file, { force: true });
      const began = performance.now();
      server.child.kill('SIGUSR2');
      for (;;) {
        const text = await readFile(file, 'utf8').catch(() => '');
        tookMs = performance.now() - began;
        if (text) return JSON.parse(text) as Measure;
        await pause(5);
      }
    },
  };
}
