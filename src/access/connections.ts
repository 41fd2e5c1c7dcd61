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

export function createConnections(database: Database): Connections {
  const open = new Map<string, { workspaceId: string; closers: Set<() => void> }>();

  function revoke(keyId: string) {
    const closers = open.get(keyId)?.closers ?? [];
    open.delete(keyId);
    for (const close of closers) close();
  }

  return {
    revoke,
    register({ keyId, workspaceId }, close) {
      const entry = open.get(keyId) ?? { workspaceId, closers: new Set() };
      open.set(keyId, entry);
      entry.closers.add(close);
      return () => {
        entry.closers.delete(close);
        // After a revocation the key may have a new entry, which must stay.
        if (entry.closers.size === 0 && open.get(keyId) === entry) open.delete(keyId);
      };
    },
    async check() {
      const byWorkspace = Map.groupBy(open, ([, { workspaceId }]) => workspaceId);
      for (const [workspaceId, entries] of byWorkspace) {
        const ids = entries.map(([keyId]) => keyId);
        for (const id of await findInvalidKeys(database, workspaceId, ids)) revoke(id);
      }
    },
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
