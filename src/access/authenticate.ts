import { createHash, timingSafeEqual } from 'node:crypto';
import type { Database, Sql } from '../platform/database.ts';
import { DomainError } from '../platform/errors.ts';
import { isSecret, parseApiKey } from './api-key.ts';
import type { Limits } from './limits.ts';
import type { Principal, Scope } from './principal.ts';

/** No key, or not one of ours: what exactly is wrong with it is nobody's business. */
export class Unauthenticated extends DomainError {
  readonly code = 'UNAUTHENTICATED';
  override readonly status = 401;

  constructor() {
    super('This needs a valid API key, sent as "Authorization: Bearer <key>".');
  }
}

/** The key is good, but not for this. */
export class Forbidden extends DomainError {
  readonly code = 'FORBIDDEN';
  override readonly status = 403;

  constructor(scope: Scope) {
    super(`This needs a key with the scope "${scope}".`);
  }
}

export interface Authenticator {
  /**
   * @param address of who presents the key: addresses that send many unknown keys are slowed down
   * @throws Unauthenticated, RateLimited
   */
  authenticate(key: string, address: string): Promise<Principal>;
  /** Forgets what is cached of a key, so that its next use asks the database. */
  forget(keyId: string): void;
}

interface KeyRow {
  workspaceId: string;
  secretHash: Buffer;
  scopes: Scope[];
  /** In milliseconds by the clock of this process; null if it does not expire. */
  validUntil: number | null;
}

const cacheMs = 1_000;
const lastUsedMs = 60_000;
/** The principal of the key that is set from outside; it cannot be revoked while the server runs. */
export const adminKeyId = 'STAGELINE_ADMIN_KEY';

export function createAuthenticator(options: {
  database: Database;
  adminKey: { key: string; workspaceId: string } | undefined;
  limits: Pick<Limits, 'countUnknownKey' | 'forgiveUnknownKey'>;
}): Authenticator {
  const { database, adminKey, limits } = options;
  const cache = new Map<string, { row: Promise<KeyRow | undefined>; until: number }>();
  const lastUsed = new Map<string, number>();

  const isCached = (id: string) => (cache.get(id)?.until ?? 0) > Date.now();

  /** One look-up a second for each key: those who come while it is under way wait for the same one. */
  function find(id: string): Promise<KeyRow | undefined> {
    const cached = cache.get(id);
    if (cached && isCached(id)) return cached.row;
    const row = findKey(database, id);
    if (cache.size > 10_000) cache.clear();
    cache.set(id, { row, until: Date.now() + cacheMs });
    row.catch(() => cache.get(id)?.row === row && cache.delete(id));
    return row;
  }

  function noteUse(id: string, workspaceId: string) {
    if (Date.now() - (lastUsed.get(id) ?? 0) < lastUsedMs) return;
    lastUsed.set(id, Date.now());
    // Nobody waits for it, and if it fails the next minute's use writes it.
    void touchKey(database, workspaceId, id).catch(() => lastUsed.delete(id));
  }

  /** Keys that were good in this process are looked up freely; guesses cost their address a token each. */
  async function findFor(address: string, id: string) {
    if (lastUsed.has(id) || isCached(id)) return find(id);
    limits.countUnknownKey(address);
    try {
      const row = await find(id);
      if (row) limits.forgiveUnknownKey(address);
      return row;
    } catch (error) {
      limits.forgiveUnknownKey(address);
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
    noteUse(parts.id, row.workspaceId);
    return { workspaceId: row.workspaceId, keyId: parts.id, scopes: row.scopes };
  }

  return { authenticate, forget: (keyId) => void cache.delete(keyId) };
}

const digest = (text: string) => createHash('sha256').update(text).digest();
const isSame = (a: string, b: string) => timingSafeEqual(digest(a), digest(b));

async function findKey(database: Database, id: string): Promise<KeyRow | undefined> {
  const at = Date.now();
  const row = await database.outside(id, (sql) => readKey(sql, id));
  // Counted from the clock of the database, which may differ from ours.
  return row && { ...row, validUntil: row.validMs === null ? null : at + row.validMs };
}

async function readKey(sql: Sql, id: string) {
  const { rows } = await sql.query<Omit<KeyRow, 'validUntil'> & { validMs: number | null }>(
    `select workspace_id as "workspaceId", secret_hash as "secretHash", scopes,
       extract(epoch from expires_at - clock_timestamp())::float8 * 1000 as "validMs"
     from api_key where id = $1 and revoked_at is null`,
    [id],
  );
  return rows[0];
}

const isExpired = ({ validUntil }: KeyRow) => validUntil !== null && validUntil <= Date.now();

const touchKey = (database: Database, workspaceId: string, id: string) =>
  database.inWorkspace(workspaceId, (sql) =>
    sql.query('update api_key set last_used_at = now() where workspace_id = $1 and id = $2', [
      workspaceId,
      id,
    ]),
  );
