import { loadConfig } from '../../src/platform/config.ts';
import { openDatabase } from '../../src/platform/database.ts';
import { createLifetime } from '../../src/platform/lifetime.ts';
import { createLog } from '../../src/platform/log.ts';
import { startServer } from '../../src/server/start-server.ts';

export interface WatchedServer {
  url: string;
  /** How often the server has read on in the change log of the workspace. */
  readings(workspaceId: string): number;
  end(): Promise<void>;
}

/** A server on a database that is in use already, of which is told what it reads. */
export async function startWatchedServer(databaseUrl: string): Promise<WatchedServer> {
  const lifetime = createLifetime();
  const database = openDatabase(databaseUrl, { poolSize: 10 });
  lifetime.onEnd(database.end);
  const readings = new Map<string, number>();
  const { url } = await startServer({
    config: { ...loadConfig({}), port: 0 },
    database: {
      ...database,
      inWorkspace: (workspaceId, work) =>
        database.inWorkspace(workspaceId, (sql) =>
          work({
            query(text, values) {
              if (/\bfrom change\b/.test(text)) {
                readings.set(workspaceId, (readings.get(workspaceId) ?? 0) + 1);
              }
              return sql.query(text, values);
            },
          }),
        ),
    },
    log: createLog('fatal'),
    now: () => new Date(),
    lifetime,
    adminKey: undefined,
  });
  return { url, readings: (id) => readings.get(id) ?? 0, end: lifetime.end };
}
