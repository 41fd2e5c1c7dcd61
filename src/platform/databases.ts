import { type Database, openDatabase } from './database.ts';
import { sql } from './sql.ts';

/**
 * The connection pools of one server, one for each kind of work, so that no kind waits for another.
 * Decision 0025.
 */
export interface Databases {
  /** Ingestion of events. */
  ingest: Database;
  /** GraphQL operations. */
  operations: Database;
  /** Delivery of changes to subscribers. */
  live: Database;
  /** Scheduler, builds, fits, authentication, probes. */
  jobs: Database;
  end(): Promise<void>;
}

export type PoolSizes = Record<'ingest' | 'operations' | 'live' | 'jobs', number>;

/** The minimum that `divideConnections` can divide. */
export const minConnections = 6;

/** Divides `total` connections: a fifth each for ingest, deliveries and jobs, the rest for operations. */
export function divideConnections(total: number): PoolSizes {
  const fifth = Math.floor(total / 5);
  const [ingest, live, jobs] = [Math.max(1, fifth), Math.max(1, fifth), Math.max(2, fifth)];
  return { ingest, live, jobs, operations: total - ingest - live - jobs };
}

/** @param poolSize the total number of connections, at least `minConnections` */
export function openDatabases(url: string, poolSize: number): Databases {
  const sizes = divideConnections(poolSize);
  const jobs = openDatabase(url, { poolSize: sizes.jobs });
  const cancelStatement = (pid: number) =>
    jobs.withoutWorkspace(undefined, (db) => db.query(sql`select pg_cancel_backend(${pid})`));
  const all = {
    ingest: openDatabase(url, { poolSize: sizes.ingest }),
    operations: openDatabase(url, {
      poolSize: sizes.operations,
      // A quarter of the connections is always free for other workspaces.
      connectionsPerWorkspace: Math.max(1, sizes.operations - Math.ceil(sizes.operations / 4)),
      cancelStatement,
    }),
    live: openDatabase(url, { poolSize: sizes.live }),
    jobs,
  };
  return {
    ...all,
    async end() {
      await Promise.all(Object.values(all).map((database) => database.end()));
    },
  };
}
