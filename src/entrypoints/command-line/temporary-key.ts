import { createKey, extendKey, type KeyRequest, revokeKey } from '../../access/keys.ts';
import type { Session } from './session.ts';

const validMs = 10 * 60_000;
const extendMs = 2 * 60_000;

/**
 * Makes a key that is valid while the session runs, and revokes it at the session's end. After a `kill -9`, when nothing
 * extends it, it expires within ten minutes.
 */
export async function createTemporaryKey(
  { database, lifetime }: Pick<Session, 'database' | 'lifetime'>,
  workspaceId: string,
  request: Omit<KeyRequest, 'expiresAt'>,
): Promise<string> {
  const expiresAt = new Date(Date.now() + validMs);
  const { id: keyId, key } = await createKey(database, workspaceId, { ...request, expiresAt });
  // The clock of the database decides, which may differ from the one of this machine.
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
