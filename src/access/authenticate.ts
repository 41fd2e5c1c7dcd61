import { createHash, timingSafeEqual } from 'node:crypto';
import type { Database, Statements } from '../platform/database.ts';
import { DomainError } from '../platform/errors.ts';
import { sql } from '../platform/sql.ts';
import { isSecret, parseApiKey } from './api-key.ts';
import type { Limits } from './limits.ts';
import type { Principal, Scope } from './principal.ts';

/** The key is missing, unknown, expired or revoked. The message does not say which. */
export class Unauthenticated extends DomainError {
  readonly code = 'UNAUTHENTICATED';
  override readonly status = 401;

  constructor() {
    super('A valid API key is required. Send it as "Authorization: Bearer <key>".');
  }
}

/** The key is valid, but lacks the required scope. */
export class Forbidden extends DomainError {
  readonly code = 'FORBIDDEN';
  override readonly status = 403;

  constructor(...scopes: Scope[]) {
    super(`A key with the scope ${scopes.map((scope) => `"${scope}"`).join(' or ')} is required.`);
  }
}

export interface Authenticator {
  /**
   * @param address the client's address: addresses that send many unknown keys are rate-limited
   * @throws Unauthenticated, RateLimited
   */
  authenticate(key: string, address: string): Promise<Principal>;
  /** Removes a key from the cache, so that its next use queries the database. */
  invalidate(keyId: string): void;
}

interface KeyRow {
  workspaceId: string;
  secretHash: Buffer;
  scopes: Scope[];
  /** In milliseconds on the clock of this process; null if the key does not expire. */
  validUntil: number | null;
}

const cacheMs = 1_000;
const lastUsedIntervalMs = 60_000;
const maxCachedKeys = 10_000;
/** The key id of the principal for STAGELINE_ADMIN_KEY, which cannot be revoked while the server runs. */
export const adminKeyId = 'STAGELINE_ADMIN_KEY';

export function createAuthenticator(options: {
  database: Database;
  adminKey: { key: string; workspaceId: string } | undefined;
  limits: Pick<Limits, 'countUnknownKey' | 'refundUnknownKey'>;
}): Authenticator {
  const { database, adminKey, limits } = options;
  const cache = new Map<string, { row: Promise<KeyRow | undefined>; until: number }>();
  const lastUsed = new Map<string, number>();

  const isCached = (id: string) => (cache.get(id)?.until ?? 0) > Date.now();

  /** Queries the database once per second and key: concurrent requests share one query. */
  function find(id: string): Promise<KeyRow | undefined> {
    const cached = cache.get(id);
    if (cached && isCached(id)) return cached.row;
    const row = findKey(database, id);
    if (cache.size > maxCachedKeys) cache.clear();
    cache.set(id, { row, until: Date.now() + cacheMs });
    row.catch(() => cache.get(id)?.row === row && cache.delete(id));
    return row;
  }

  function recordUse(id: string, workspaceId: string) {
    if (Date.now() - (lastUsed.get(id) ?? 0) < lastUsedIntervalMs) return;
    lastUsed.set(id, Date.now());
    // Not awaited: if it fails, the next use writes it.
    void touchKey(database, workspaceId, id).catch(() => lastUsed.delete(id));
  }

  /** Looking up a key that was valid before is not limited; an unknown key costs its address a token. */
  async function findFor(address: string, id: string) {
    if (lastUsed.has(id) || isCached(id)) return find(id);
    limits.countUnknownKey(address);
    try {
      const row = await find(id);
      if (row) limits.refundUnknownKey(address);
      return row;
    } catch (error) {
      limits.refundUnknownKey(address);
      throw error;
    }
  }

  async function authenticate(key: string, address: string): Promise<Principal> {
    if (adminKey && isSame(key, adminKey.key)) {
      return { workspaceId: adminKey.workspaceId, keyId: adminKeyId, scopes: ['admin'] };
    }
    const parts = parseApiKey(key);
    if (!parts) throw new Unauthenticated();
    const row = await findFor(address, parts.id);
    if (!row || isExpired(row) || !isSecret(parts.secret, row.secretHash))
      throw new Unauthenticated();
    recordUse(parts.id, row.workspaceId);
    const { workspaceId, scopes, validUntil } = row;
    return { workspaceId, keyId: parts.id, scopes, ...(validUntil !== null && { validUntil }) };
  }

  return { authenticate, invalidate: (keyId) => void cache.delete(keyId) };
}

const digest = (text: string) => createHash('sha256').update(text).digest();
const isSame = (a: string, b: string) => timingSafeEqual(digest(a), digest(b));

async function findKey(database: Database, id: string): Promise<KeyRow | undefined> {
  const at = Date.now();
  const row = await database.withoutWorkspace(id, (db) => readKey(db, id));
  // From the remaining time, because the clocks of the database and this process may differ.
  return row && { ...row, validUntil: row.validMs === null ? null : at + row.validMs };
}

async function readKey(db: Statements, id: string) {
  const { rows } = await db.query<Omit<KeyRow, 'validUntil'> & { validMs: number | null }>(sql`
    select workspace_id as "workspaceId", secret_hash as "secretHash", scopes,
      extract(epoch from expires_at - clock_timestamp())::float8 * 1000 as "validMs"
    from api_key where id = ${id} and revoked_at is null`);
  return rows[0];
}

const isExpired = ({ validUntil }: KeyRow) => validUntil !== null && validUntil <= Date.now();

const touchKey = (database: Database, workspaceId: string, id: string) =>
  database.inWorkspace(workspaceId, (db) =>
    db.query(sql`
      update api_key set last_used_at = now() where workspace_id = ${workspaceId} and id = ${id}`),
  );
