import type { Database } from '../../src/platform/database.ts';
import { prepareDatabase } from '../../src/platform/prepare-database.ts';
import { type SecondServer, startSecondServer } from './second-server.ts';
import type { TestServer } from './server.ts';

export interface WatchedServer extends SecondServer {
  /** How often the server has read on in the change log of the workspace. */
  readings(workspaceId: string): number;
}

/** A second server on the database of the first one, of which is told what it reads. */
export async function startWatchedServer(first: TestServer): Promise<WatchedServer> {
  const readings = new Map<string, number>();
  const note = (workspaceId: string) =>
    readings.set(workspaceId, (readings.get(workspaceId) ?? 0) + 1);

  const through = (database: Database): Database => ({
    ...database,
    inWorkspace: (workspaceId, work) =>
      database.inWorkspace(workspaceId, (db) =>
        work({
          ...db,
          query(statement) {
            if (/\bfrom change\b/.test(statement.text)) note(workspaceId);
            return db.query(statement);
          },
        }),
      ),
  });

  const url = await prepareDatabase(first.databaseUrl);
  const second = await startSecondServer(first, { url, through });
  return { ...second, readings: (id) => readings.get(id) ?? 0 };
}
