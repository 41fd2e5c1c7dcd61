import { Writable } from 'node:stream';
import { pino } from 'pino';
import { loadConfig } from '../../src/platform/config.ts';
import { type Database, openDatabase } from '../../src/platform/database.ts';
import { createLifetime } from '../../src/platform/lifetime.ts';
import { type ServerOptions, startServer } from '../../src/server/start-server.ts';
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
  const database: Database = openDatabase(options.url, { poolSize: options.poolSize ?? 10 });
  lifetime.onEnd(database.end);
  const logged: SecondServer['logged'] = [];
  const sink = new Writable({
    write(line, _encoding, done) {
      logged.push(JSON.parse(String(line)));
      done();
    },
  });
  const running = await startServer({
    config: { ...loadConfig({}), port: 0 },
    database: options.through?.(database) ?? database,
    log: pino({ level: 'warn' }, sink),
    now: () => new Date(),
    lifetime,
    adminKey: options.adminKey,
  });
  const { databaseUrl, clock } = first;
  return { ...running, database, databaseUrl, clock, logged, end: lifetime.end };
}
