import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { postmasterOf } from './embedded-owners.ts';

const main = join(import.meta.dirname, '../../src/main.ts');

export const processAdminKey = 'an-admin-key-of-thirty-two-characters-or-more';

/** How a server process ended, and its standard error. */
export interface Ending {
  code: number | null;
  signal: NodeJS.Signals | null;
  errors: string;
  milliseconds: number;
}

/** A server in its own process, which a test may kill. */
export interface ServerProcess {
  url: string;
  pid: number;
  child: ChildProcess;
  /** Milliseconds from the start of the process to the address on standard output. */
  startMs: number;
  /** Its standard error so far. */
  errors(): string;
  /** Resolves when the process has ended. */
  ended: Promise<Ending>;
}

const running = new Set<ChildProcess>();

export type Environment = Record<string, string>;

/** Starts the process; it is not ready yet. */
export function spawnServer(dataFolder: string, environment: Environment = {}) {
  const began = performance.now();
  const child = spawn(process.execPath, [main], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env['PATH'],
      STAGELINE_DATA: dataFolder,
      STAGELINE_ADMIN_KEY: processAdminKey,
      STAGELINE_DEMO: 'off',
      PORT: '0',
      ...environment,
    },
  });
  running.add(child);
  let said = '';
  let errors = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  const ended = once(child, 'close').then(([code, signal]): Ending => {
    running.delete(child);
    return { code, signal, errors, milliseconds: performance.now() - began };
  });
  return { child, ended, began, output: () => said, errors: () => errors };
}

/** Starts a server and waits until it is ready; throws its output if it ends before. */
export async function startServerProcess(
  dataFolder: string,
  environment: Environment = {},
): Promise<ServerProcess> {
  const { child, ended, began, output: said, errors } = spawnServer(dataFolder, environment);
  const ready = new Promise<string>((resolve) => {
    child.stdout.on('data', () => {
      const [, url] = /ready at (\S+)/.exec(said()) ?? [];
      if (url) resolve(url);
    });
  });
  const url = await Promise.race([ready, ended]);
  if (typeof url !== 'string' || child.pid === undefined) {
    throw new Error(`The server ended before it was ready: ${errors()}`);
  }
  return { url, pid: child.pid, child, startMs: performance.now() - began, errors, ended };
}

/** The same promise, but rejects with the server's standard error if the server ends first. */
export const whileAlive = <T>({ ended }: ServerProcess, work: Promise<T>): Promise<T> =>
  Promise.race([
    work,
    ended.then(({ code, signal, errors }): never => {
      throw new Error(`The server ended (${code ?? signal}): ${errors}`);
    }),
  ]);

export async function kill(server: ServerProcess): Promise<void> {
  server.child.kill('SIGKILL');
  await server.ended;
}

/** Kills the server's embedded PostgreSQL, if one is running. */
export async function killPostgres(dataFolder: string): Promise<void> {
  const pid = await postmasterOf(dataFolder).catch(() => undefined);
  if (pid) process.kill(pid, 'SIGKILL');
}

/** The superuser's URL of the embedded database. */
export async function embeddedUrl(dataFolder: string): Promise<string> {
  return (JSON.parse(await readFile(join(dataFolder, 'postgres.json'), 'utf8')) as { url: string })
    .url;
}

/** Ends every server that a test left running. */
export async function endServers(): Promise<void> {
  await Promise.all(
    [...running].map((child) => {
      const gone = once(child, 'close');
      child.kill('SIGKILL');
      return gone;
    }),
  );
}
