import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { cpuSeconds, residentMegabytes } from '../support/process-usage.ts';
import type { Pace } from './pace.ts';

export type BaselineReport = { port: number } | { published: { sent: number; seconds: number } };

/** What a server is to publish, as soon as it has so many subscribers. */
export interface Publication {
  pace: Pace;
  subscribers: number;
}

export type BaselineKind = 'stock' | 'raw';

/** A server without Stageline in a process of its own: graphql-ws as documented, or a broadcast with ws alone. */
export interface BaselineServer {
  url: string;
  publish(publication: Publication): Promise<{ sent: number; seconds: number }>;
  memory(): Promise<number>;
  cpuSeconds(): Promise<number>;
  stop(): Promise<void>;
}

/** As in the script `start`. */
const nodeOptions = ['--max-semi-space-size=8', '--max-old-space-size=512'];

export async function startBaseline(kind: BaselineKind): Promise<BaselineServer> {
  const child = fork(new URL('./baseline.ts', import.meta.url), [kind], { execArgv: nodeOptions });
  const { pid = 0 } = child;
  const { port } = await nextReport<{ port: number }>(child);
  return {
    url: `http://127.0.0.1:${port}`,
    async publish(publication) {
      child.send(publication);
      const { published } =
        await nextReport<Extract<BaselineReport, { published: unknown }>>(child);
      return published;
    },
    memory: () => residentMegabytes(pid),
    cpuSeconds: () => cpuSeconds(pid),
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, 'exit');
      child.kill();
      await gone;
    },
  };
}

async function nextReport<Report extends BaselineReport>(child: ChildProcess): Promise<Report> {
  const over = new AbortController();
  const { signal } = over;
  try {
    const [report] = await Promise.race([
      once(child, 'message', { signal }),
      once(child, 'exit', { signal }).then(() => {
        throw new Error('The server to compare with has ended');
      }),
    ]);
    return report as Report;
  } finally {
    over.abort();
  }
}
