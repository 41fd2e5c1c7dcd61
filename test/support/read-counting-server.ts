import type { Database } from '../../src/platform/database.ts';
import { prepareDatabase } from '../../src/platform/prepare-database.ts';
import { type SecondServer, startSecondServer } from './second-server.ts';
import type { TestServer } from './server.ts';

export interface ReadCountingServer extends SecondServer {
  /** How often the server has read the change log of the workspace. */
  readCount(workspaceId: string): number;
}

/** Starts a second server on the database of the first and counts its reads of the change log. */
export async function startReadCountingServer(first: TestServer): Promise<ReadCountingServer> {
  const counts = new Map<string, number>();
  const countRead = (workspaceId: string) =>
    counts.set(workspaceId, (counts.get(workspaceId) ?? 0) + 1);

  const wrapDatabase = (database: Database): Database => ({
    ...database,
    inWorkspace: (workspaceId, work) =>
      database.inWorkspace(workspaceId, (db) =>
        work({
          ...db,
          query(statement) {
            if (/\bfrom change\b/.test(statement.text)) countRead(workspaceId);
            return db.query(statement);
          },
        }),
      ),
  });

  const url = await prepareDatabase(first.databaseUrl);
  const second = await startSecondServer(first, { url, wrapDatabase });
  return { ...second, readCount: (id) => counts.get(id) ?? 0 };
}
