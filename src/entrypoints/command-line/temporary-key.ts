import { createKey, extendKey, type KeyRequest, revokeKey } from '../../access/keys.ts';
import type { Session } from './session.ts';

const validMs = 10 * 60_000;
const extendMs = 2 * 60_000;

/**
 * Creates a key that is extended while the session runs and revoked at its end. After a `kill -9` it expires within
 * ten minutes.
 */
export async function createTemporaryKey(
  { database, lifetime }: Pick<Session, 'database' | 'lifetime'>,
  workspaceId: string,
  request: Omit<KeyRequest, 'expiresAt'>,
): Promise<string> {
  const expiresAt = new Date(Date.now() + validMs);
  const { id: keyId, key } = await createKey(database, workspaceId, { ...request, expiresAt });
  // Relative to the clock of the database, which may differ from that of this machine.
  const extend = () => extendKey(database, workspaceId, { keyId, milliseconds: validMs });
  const timer = setInterval(() => void extend().catch(() => undefined), extendMs);
  lifetime.onEnd(async () => {
    clearInterval(timer);
    await revokeKey(database, workspaceId, keyId).catch(reportUnrevoked);
  });
  await extend();
  return key;
}

function reportUnrevoked() {
  process.stderr.write(
    'The temporary key of this command could not be revoked; it expires within ten minutes.\n',
  );
}
