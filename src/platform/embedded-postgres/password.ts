import { randomBytes } from 'node:crypto';
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { readIfPresent, syncFolder, writePrivate } from './files.ts';

// The password file is outside the cluster, because it must exist before the cluster does. It has a temporary name
// until the first cluster is complete: the final name proves that a complete cluster existed.
export const passwordFile = (dataFolder: string) => join(dataFolder, 'postgres-password');
const firstPasswordFile = (dataFolder: string) => `${passwordFile(dataFolder)}.initdb`;

/** The password of the cluster, also while it is being created. */
export async function readPassword(dataFolder: string): Promise<string | undefined> {
  // The temporary file first: another server may rename it in between.
  const first = await readFilled(firstPasswordFile(dataFolder));
  return (await readConfirmedPassword(dataFolder)) ?? first;
}

/** The password of a complete cluster. */
export const readConfirmedPassword = (dataFolder: string) => readFilled(passwordFile(dataFolder));

const readFilled = async (path: string) => (await readIfPresent(path))?.trim() || undefined;

/** Reads the password, or creates one. */
export async function ensurePassword(dataFolder: string): Promise<string> {
  const known = await readPassword(dataFolder);
  if (known) return known;
  const secret = randomBytes(24).toString('base64url');
  await writePrivate(firstPasswordFile(dataFolder), secret);
  return secret;
}

/** Records that the cluster with this password is complete. */
export async function confirmPassword(dataFolder: string) {
  if (await readConfirmedPassword(dataFolder)) return;
  await rename(firstPasswordFile(dataFolder), passwordFile(dataFolder));
  await syncFolder(dataFolder);
}
