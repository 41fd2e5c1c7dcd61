import type { LiveOptions } from '../support/bench.ts';

/** Files that a server needs beside its sockets: database connections, modules, the sender. */
const reservedFiles = 300;

/** The sockets of a benchmark: those asked for, as far as one process may open that many files. */
export function socketsFor({ sockets }: LiveOptions, usual: number): number {
  return Math.min(sockets ?? usual, maxFiles() - reservedFiles);
}

/** Node raises its soft limit to the hard one at start. */
function maxFiles(): number {
  const { userLimits } = process.report.getReport() as unknown as {
    userLimits?: { open_files?: { soft: string | number } };
  };
  const limit = Number(userLimits?.open_files?.soft);
  return Number.isNaN(limit) ? Number.POSITIVE_INFINITY : limit;
}

/** Settings of a server that is to hold so many sockets, also where its heap suggests fewer. */
export const settingsFor = (sockets: number) => ({
  STAGELINE_MAX_SOCKETS: String(sockets + 200),
});
