import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Authenticator } from '../../access/authenticate.ts';
import { createKey } from '../../access/keys.ts';
import type { Database } from '../../platform/database.ts';

/** The demo's key, kept in the data folder so that it stays the same from start to start. */
export async function ensureDemoKey(options: {
  database: Database;
  authenticator: Pick<Authenticator, 'authenticate'>;
  workspaceId: string;
  dataFolder: string;
}): Promise<string> {
  const { database, authenticator, workspaceId, dataFolder } = options;
  const file = join(dataFolder, 'demo-key');
  const kept = await readFile(file, 'utf8').catch(() => '');
  const principal = await authenticator.authenticate(kept, '').catch(() => undefined);
  if (principal?.workspaceId === workspaceId) return kept;
  const { key } = await createKey(database, workspaceId, {
    name: 'Demo',
    scopes: ['read', 'ingest', 'write'],
    environment: 'test',
  });
  await writeFile(file, key, { mode: 0o600 });
  return key;
}
