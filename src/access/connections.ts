import type { Database } from '../platform/database.ts';
import type { Principal } from './principal.ts';

/** The live connections of this server, by the key that opened them. */
export interface Connections {
  /** `close` is called once when the key is revoked or has expired; the answer ends the registration. */
  register(principal: Principal, close: () => void): () => void;
  /** Closes what a revoked key holds open. */
  revoke(keyId: string): void;
  /** Asks the database which of the keys in use have ended: the guarantee behind the notification. */
  check(): Promise<void>;
}

export function createConnections(database: Database): Connections {
  const live = new Map<string, { workspaceId: string; closers: Set<() => void> }>();

  function revoke(keyId: string) {
    const closers = live.get(keyId)?.closers ?? [];
    live.delete(keyId);
    for (const close of closers) close();
  }

  return {
    revoke,
    register({ keyId, workspaceId }, close) {
      const entry = live.get(keyId) ?? { workspaceId, closers: new Set() };
      live.set(keyId, entry);
      entry.closers.add(close);
      return () => {
        entry.closers.delete(close);
        // After a revocation the name may stand for connections begun since: those stay watched.
        if (entry.closers.size === 0 && live.get(keyId) === entry) live.delete(keyId);
      };
    },
    async check() {
      const byWorkspace = Map.groupBy(live, ([, { workspaceId }]) => workspaceId);
      for (const [workspaceId, entries] of byWorkspace) {
        const ids = entries.map(([keyId]) => keyId);
        for (const id of await findEnded(database, workspaceId, ids)) revoke(id);
      }
    },
  };
}

const findEnded = (database: Database, workspaceId: string, ids: string[]) =>
  database.inWorkspace(workspaceId, async (sql) => {
    const { rows } = await sql.query<{ id: string }>(
      `select id from api_key
       where workspace_id = $1 and id = any($2) and (revoked_at is not null or expires_at <= now())`,
      [workspaceId, ids],
    );
    return rows.map(({ id }) => id);
  });
