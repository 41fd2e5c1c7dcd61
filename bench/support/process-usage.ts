import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

const ticksPerSecond = 100;

/** Resident memory of a process in MB (10^6 bytes). */
export async function residentMegabytes(pid: number): Promise<number> {
  const { stdout } = await promisify(execFile)('ps', ['-o', 'rss=', '-p', String(pid)]);
  return (Number(stdout) * 1024) / 1e6;
}

/** CPU time of a process in seconds, of user and system; NaN where there is no /proc. */
export async function cpuSeconds(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // The name in parentheses may contain spaces; user and system time are the 12th and 13th value behind it.
  const values = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(values[11]) + Number(values[12])) / ticksPerSecond;
}
