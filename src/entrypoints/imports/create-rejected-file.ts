import { type FileHandle, open, stat } from 'node:fs/promises';
import type { Rejection } from './cut-batches.ts';

export type RejectedFile = ReturnType<typeof createRejectedFile>;

/** Writes rejected lines as CSV. The file is created with the first one. */
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
    /** Bytes written so far, stored in the checkpoint. */
    bytes: () => bytes,
    /** Truncates the file of an earlier run to `size` bytes and continues after them. */
    async resume(size: number) {
      if (size === 0) return;
      handle = await open(path, 'r+');
      await handle.truncate(size);
      bytes = size;
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

/** Whether the file of an earlier run still has at least `bytes` bytes. */
export async function hasBytes(path: string, bytes: number): Promise<boolean> {
  if (bytes === 0) return true;
  return stat(path).then(
    ({ size }) => size >= bytes,
    () => false,
  );
}

const quote = (text: string) => `"${text.replaceAll('"', '""')}"`;
