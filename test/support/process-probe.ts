import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Measure } from './process-probe-preload.ts';
import { type Environment, type ServerProcess, startServerProcess } from './server-process.ts';

export interface ProbedServer extends ServerProcess {
  /**
   * What the process holds after a garbage collection. As counting stops the process, it is given as long as the last
   * count took to go on with its work.
   */
  measure(): Promise<Measure>;
}

const preload = join(import.meta.dirname, 'process-probe-preload.ts');

/** A server in a process of its own that can be asked what it holds. */
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
