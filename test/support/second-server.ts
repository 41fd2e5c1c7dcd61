import { Writable } from 'node:stream';
import { pino } from 'pino';
import { domains } from '../../src/domains.ts';
import { type ServerOptions, startServer } from '../../src/entrypoints/server/start-server.ts';
import { loadConfig } from '../../src/platform/config.ts';
import type { Database } from '../../src/platform/database.ts';
import { type Databases, openDatabases } from '../../src/platform/databases.ts';
import { createLifetime } from '../../src/platform/lifetime.ts';
import type { TestServer } from './server.ts';

export interface SecondServer extends TestServer {
  /** What it logged, line by line. */
  logged: Array<Record<string, unknown>>;
  end(): Promise<void>;
}

/** Another server on the same database: as another login, with another pool, with its log at hand. */
export async function startSecondServer(
  first: TestServer,
  options: {
    url: string;
    poolSize?: number;
    adminKey?: ServerOptions['adminKey'];
    /** What the server gets to see of its database. */
    through?: (database: Database) => Database;
  },
): Promise<SecondServer> {
  const lifetime = createLifetime();
  const databases = openDatabases(options.url, options.poolSize ?? 16);
  lifetime.onEnd(databases.end);
  const logged: SecondServer['logged'] = [];
  const sink = new Writable({
    write(line, _encoding, done) {
      logged.push(JSON.parse(String(line)));
      done();
    },
  });
  const running = await startServer({
    domains,
    config: { ...loadConfig({}), port: 0 },
    databases: options.through ? seenThrough(databases, options.through) : databases,
    log: pino({ level: 'warn' }, sink),
    now: () => new Date(),
    lifetime,
    adminKey: options.adminKey,
  });
  const { databaseUrl, clock } = first;
  return { ...running, database: databases.jobs, databaseUrl, clock, logged, end: lifetime.end };
}

const seenThrough = (
  { ingest, operations, live, jobs, end }: Databases,
  see: (database: Database) => Database,
): Databases => ({
  ingest: see(ingest),
  operations: see(operations),
  live: see(live),
  jobs: see(jobs),
  end,
});
