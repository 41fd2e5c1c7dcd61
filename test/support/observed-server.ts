import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { waitUntil } from './embedded-owners.ts';
import { type Environment, type ServerProcess, startServerProcess } from './server-process.ts';

/** The memory of the server's process after a garbage collection. */
export interface Observed {
  rss: number;
  heapBytes: number;
  timers: number;
  sockets: number;
}

export interface ObservedServer extends ServerProcess {
  observe(): Promise<Observed>;
}

/** Starts a server in its own process whose memory can be measured. */
export async function startObservedServer(
  folder: string,
  environment: Environment = {},
): Promise<ObservedServer> {
  const path = join(folder, 'observed.json');
  const preload = join(import.meta.dirname, 'observe-process.ts');
  const server = await startServerProcess(folder, {
    ...environment,
    OBSERVED_FILE: path,
    NODE_OPTIONS: `--import=${preload} --max-old-space-size=512`,
  });
  return {
    ...server,
    async observe() {
      let observed: Observed | undefined;
      await rm(path, { force: true });
      server.child.kill('SIGUSR2');
      await waitUntil(async () => {
        observed = JSON.parse(await readFile(path, 'utf8')) as Observed;
        return true;
      });
      if (!observed) throw new Error('The server was not observed');
      return observed;
    },
  };
}
