import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { access, mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';

/** The path of an auxiliary file for `file`: next to it, or in the temporary folder if its folder is read-only. */
export async function sidePath(file: string, suffix: string): Promise<string> {
  const full = resolve(file);
  const isWritable = await access(dirname(full), constants.W_OK).then(
    () => true,
    () => false,
  );
  if (isWritable) return full + suffix;
  // The hash distinguishes files of the same name; the private folder excludes other users.
  const folder = join(tmpdir(), `stageline-${process.getuid?.() ?? 'user'}`);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const hash = createHash('sha256').update(full).digest('hex').slice(0, 12);
  return join(folder, `${hash}-${basename(full)}${suffix}`);
}
