import { randomBytes } from 'node:crypto';
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { readIfPresent, syncFolder, writePrivate } from './files.ts';

// The password lies outside the cluster, so that it exists before the cluster does. While the first start makes the
// cluster it has a name of its own: under its final name it proves that there was a complete one.
export const passwordFile = (dataFolder: string) => join(dataFolder, 'postgres-password');
const firstPasswordFile = (dataFolder: string) => `${passwordFile(dataFolder)}.initdb`;

/** The password of the cluster, or of one that is being made. */
export async function readPassword(dataFolder: string): Promise<string | undefined> {
  // In this order none is missed while another server confirms it.
  const first = await readFilled(firstPasswordFile(dataFolder));
  return (await readConfirmedPassword(dataFolder)) ?? first;
}

/** The password of a cluster that was complete. */
export const readConfirmedPassword = (dataFolder: string) => readFilled(passwordFile(dataFolder));

const readFilled = async (path: string) => (await readIfPresent(path))?.trim() || undefined;

/** The known password; a new one if there is none. */
export async function ensurePassword(dataFolder: string): Promise<string> {
  const known = await readPassword(dataFolder);
  if (known) return known;
  const secret = randomBytes(24).toString('base64url');
  await writePrivate(firstPasswordFile(dataFolder), secret);
  return secret;
}

/** Notes that the cluster with this password is complete. */
export async function confirmPassword(dataFolder: string) {
  if (await readConfirmedPassword(dataFolder)) return;
  await rename(firstPasswordFile(dataFolder), passwordFile(dataFolder));
  await syncFolder(dataFolder);
}
