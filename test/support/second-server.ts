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
  /** Its log, line by line. */
  logged: Array<Record<string, unknown>>;
  end(): Promise<void>;
}

/** Starts another server on the same database, with its own login and pool and the same clock, and records its log. */
export async function startSecondServer(
  first: TestServer,
  options: {
    url: string;
    poolSize?: number;
    adminKey?: ServerOptions['adminKey'];
    /** Wraps the database of the server. */
    wrapDatabase?: (database: Database) => Database;
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
    databases: options.wrapDatabase ? wrapAll(databases, options.wrapDatabase) : databases,
    log: pino({ level: 'warn' }, sink),
    now: () => first.clock.now ?? new Date(),
    lifetime,
    adminKey: options.adminKey,
  });
  const { databaseUrl, clock } = first;
  return { ...running, database: databases.jobs, databaseUrl, clock, logged, end: lifetime.end };
}

const wrapAll = (
  { ingest, operations, live, jobs, end }: Databases,
  wrap: (database: Database) => Database,
): Databases => ({
  ingest: wrap(ingest),
  operations: wrap(operations),
  live: wrap(live),
  jobs: wrap(jobs),
  end,
});
