import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isProcessAlive } from './embedded-owners.ts';
import type { Environment } from './server-process.ts';

const root = join(import.meta.dirname, '../..');
const running = new Set<ChildProcess>();

/** A script of package.json run by npm, in its own process group like a foreground job of a terminal. */
export interface NpmScript {
  npm: number;
  output(): string;
  /** Waits until the output matches; throws the output if npm ends before. */
  waitForOutput(pattern: RegExp): Promise<string[]>;
  /** All processes that npm started, npm included. */
  processes(): Promise<number[]>;
  /** Resolves when npm has ended. */
  ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
}

export function runNpm(args: string[], environment: Environment): NpmScript {
  const child = spawn('npm', args, {
    cwd: root,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...environment },
  });
  if (child.pid === undefined) throw new Error('npm cannot be started');
  const npm = child.pid;
  running.add(child);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const ended = once(child, 'exit').then(([code, signal]) => ({ code, signal }));
  return {
    npm,
    ended,
    output: () => output,
    processes: () => findDescendants(npm),
    waitForOutput: async (pattern) => {
      for (;;) {
        const match = pattern.exec(output);
        if (match) return match;
        if (child.exitCode !== null || child.signalCode !== null) throw new Error(output);
        await Promise.race([once(child.stdout, 'data'), once(child.stderr, 'data'), ended]);
      }
    },
  };
}

/** A process and its descendants; on Linux. */
async function findDescendants(ancestor: number): Promise<number[]> {
  const parents = new Map<number, number>();
  for (const entry of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const status = await readFile(`/proc/${entry}/stat`, 'utf8').catch(() => '');
    const parent = Number(status.slice(status.lastIndexOf(')')).split(' ')[2]);
    if (parent > 0) parents.set(Number(entry), parent);
  }
  const family = [ancestor];
  // Grows during the iteration.
  for (const member of family) {
    for (const [pid, parent] of parents) if (parent === member) family.push(pid);
  }
  return family;
}

/** Kills what a failed test left running. */
export function endNpmScripts() {
  for (const { pid } of running) if (pid && isProcessAlive(-pid)) process.kill(-pid, 'SIGKILL');
  running.clear();
}
