import type { Database } from '../platform/database.ts';
import { sql } from '../platform/sql.ts';
import type { Principal } from './principal.ts';

/** The open connections of this server by key. */
export interface Connections {
  /** Calls `close` once when the key is revoked or has expired. Returns a function that deregisters. */
  register(principal: Principal, close: () => void): () => void;
  /** Closes the connections of a revoked key. */
  revoke(keyId: string): void;
  /** Queries the database for keys that were revoked or have expired, in case a notification was lost. */
  check(): Promise<void>;
}

interface KeyConnections {
  workspaceId: string;
  closers: Set<() => void>;
  /** Checks the key when it expires. */
  expiry: NodeJS.Timeout | undefined;
}

/** The longest delay of a timer; a key that expires later is checked once more then. */
const maxDelayMs = 2 ** 31 - 1;
const expiredByMs = 20;
const clampDelay = (ms: number) => Math.min(maxDelayMs, Math.max(0, ms) + expiredByMs);

export function createConnections(database: Database): Connections {
  const open = new Map<string, KeyConnections>();

  function revoke(keyId: string) {
    const entry = open.get(keyId);
    if (!entry) return;
    open.delete(keyId);
    clearTimeout(entry.expiry);
    for (const close of entry.closers) close();
  }

  /** Without waiting for the next regular check. A failed one is repeated by that. */
  const checkAt = (time: number) =>
    setTimeout(() => checkAll().catch(() => undefined), clampDelay(time - Date.now())).unref();

  function begin({ keyId, workspaceId, validUntil }: Principal): KeyConnections {
    const expiry = validUntil === undefined ? undefined : checkAt(validUntil);
    const entry = { workspaceId, closers: new Set<() => void>(), expiry };
    open.set(keyId, entry);
    return entry;
  }

  async function checkAll() {
    const byWorkspace = Map.groupBy(open, ([, { workspaceId }]) => workspaceId);
    for (const [workspaceId, entries] of byWorkspace) {
      const ids = entries.map(([keyId]) => keyId);
      for (const id of await findInvalidKeys(database, workspaceId, ids)) revoke(id);
    }
  }

  return {
    revoke,
    register(principal, close) {
      const { keyId } = principal;
      const entry = open.get(keyId) ?? begin(principal);
      entry.closers.add(close);
      return () => {
        entry.closers.delete(close);
        // After a revocation the key may have a new entry, which must stay.
        if (entry.closers.size > 0 || open.get(keyId) !== entry) return;
        open.delete(keyId);
        clearTimeout(entry.expiry);
      };
    },
    check: checkAll,
  };
}

const findInvalidKeys = (database: Database, workspaceId: string, ids: string[]) =>
  database.inWorkspace(workspaceId, async (db) => {
    const { rows } = await db.query<{ id: string }>(sql`
      select id from api_key
      where workspace_id = ${workspaceId} and id = any(${ids})
        and (revoked_at is not null or expires_at <= now())`);
    return rows.map(({ id }) => id);
  });
