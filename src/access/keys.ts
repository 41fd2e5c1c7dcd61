import type { Database } from '../platform/database.ts';
import { InvalidInput, NotFound } from '../platform/errors.ts';
import { sql } from '../platform/sql.ts';
import { hashSecret, newApiKey } from './api-key.ts';
import { isBrowserKey, type Scope } from './principal.ts';

/** The notification channel for revocations; the payload is the key id. */
export const revocationsChannel = 'stageline_revocations';

export interface KeyInfo {
  id: string;
  name: string;
  lastFour: string;
  scopes: Scope[];
  createdAt: Date;
  lastUsedAt: Date | null;
  revokedAt: Date | null;
  expiresAt: Date | null;
}

export interface KeyRequest {
  name: string;
  scopes: readonly Scope[];
  environment?: 'live' | 'test';
  /** If absent, the key does not expire. */
  expiresAt?: Date | undefined;
}

/**
 * Creates a key of the workspace. Only its hash is stored: the key itself is returned once.
 *
 * @throws InvalidInput if a browser's key would allow more than its public may do
 */
export async function createKey(
  database: Database,
  workspaceId: string,
  request: KeyRequest,
): Promise<{ id: string; key: string }> {
  requirePublicScopes(request);
  const { id, secret, key } = newApiKey(request.environment ?? 'live');
  await database.inWorkspace(workspaceId, (db) =>
    db.query(sql`
      insert into api_key (workspace_id, id, name, secret_hash, last_four, scopes, expires_at)
      values (${workspaceId}, ${id}, ${request.name}, ${hashSecret(secret)}, ${key.slice(-4)},
        ${[...request.scopes]}, ${request.expiresAt})`),
  );
  return { id, key };
}

/** The scope `collect` stands alone, because everyone can read the key in the web page. */
function requirePublicScopes({ scopes }: KeyRequest) {
  if (!isBrowserKey({ scopes }) || scopes.every((scope) => scope === 'collect')) return;
  throw new InvalidInput(
    'The scope "collect" is for keys in web pages, which everyone can read. Create a separate key for the other scopes.',
  );
}

export const listKeys = (database: Database, workspaceId: string): Promise<KeyInfo[]> =>
  database.inWorkspace(workspaceId, async (db) => {
    const { rows } = await db.query<KeyInfo>(sql`
      select id, name, last_four as "lastFour", scopes, created_at as "createdAt",
        last_used_at as "lastUsedAt", revoked_at as "revokedAt", expires_at as "expiresAt"
      from api_key where workspace_id = ${workspaceId} order by created_at, id`);
    return rows;
  });

/** Revokes a key; every server closes its open connections within two seconds. @throws NotFound */
export const revokeKey = (database: Database, workspaceId: string, keyId: string): Promise<void> =>
  database.inWorkspace(workspaceId, async (db) => {
    const { rowCount } = await db.query(sql`
      update api_key set revoked_at = coalesce(revoked_at, now())
      where workspace_id = ${workspaceId} and id = ${keyId}`);
    if (rowCount === 0) throw new NotFound('key');
    await db.query(sql`select pg_notify(${revocationsChannel}, ${keyId})`);
  });

/** Sets a key to expire after a time from now. Does not change a revoked or missing key. */
export const extendKey = (
  database: Database,
  workspaceId: string,
  { keyId, milliseconds }: { keyId: string; milliseconds: number },
) =>
  database.inWorkspace(workspaceId, (db) =>
    db.query(sql`
      update api_key set expires_at = now() + ${milliseconds} * interval '1 millisecond'
      where workspace_id = ${workspaceId} and id = ${keyId} and revoked_at is null`),
  );
