import { type FileHandle, open, stat } from 'node:fs/promises';
import type { Rejection } from './cut-batches.ts';

export type RejectedFile = ReturnType<typeof createRejectedFile>;

/** Collects the lines left out, as CSV; the file comes into being with the first of them. */
export function createRejectedFile(path: string) {
  let handle: FileHandle | undefined;
  let bytes = 0;
  const append = async (text: string) => {
    handle ??= await open(path, 'w', 0o600);
    const { bytesWritten } = await handle.write(text, bytes);
    bytes += bytesWritten;
  };
  return {
    path,
    /** Bytes written so far, to be kept with the checkpoint. */
    bytes: () => bytes,
    /** Goes on after the first `kept` bytes; what was written behind them is written again. */
    async resume(kept: number) {
      if (kept === 0) return;
      handle = await open(path, 'r+');
      await handle.truncate(kept);
      bytes = kept;
    },
    async add(rejections: Rejection[]) {
      if (rejections.length === 0) return;
      const rows = rejections.map(
        ({ line, reason, text }) => `${line},${quote(reason)},${quote(text)}\n`,
      );
      await append((bytes === 0 ? 'line,reason,text\n' : '') + rows.join(''));
    },
    async close() {
      await handle?.close();
    },
  };
}

/** True if the first `bytes` of a file from an earlier run are still there to go on with. */
export async function isKept(path: string, bytes: number): Promise<boolean> {
  if (bytes === 0) return true;
  return stat(path).then(
    ({ size }) => size >= bytes,
    () => false,
  );
}

const quote = (text: string) => `"${text.replaceAll('"', '""')}"`;
