import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Authenticator } from '../../access/authenticate.ts';
import { createKey } from '../../access/keys.ts';
import type { Database } from '../../platform/database.ts';

/** Reads the demo's key from the data folder, or creates one, so that it is the same after a restart. */
export async function ensureDemoKey(options: {
  database: Database;
  authenticator: Pick<Authenticator, 'authenticate'>;
  workspaceId: string;
  dataFolder: string;
}): Promise<string> {
  const { database, authenticator, workspaceId, dataFolder } = options;
  const file = join(dataFolder, 'demo-key');
  const stored = await readFile(file, 'utf8').catch(() => '');
  const principal = await authenticator.authenticate(stored, '').catch(() => undefined);
  if (principal?.workspaceId === workspaceId) return stored;
  const { key } = await createKey(database, workspaceId, {
    name: 'Demo',
    scopes: ['read', 'ingest', 'write'],
    environment: 'test',
  });
  await writeFile(file, key, { mode: 0o600 });
  return key;
}
