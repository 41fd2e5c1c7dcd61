import { type Database, openDatabase } from './database.ts';

/** The connections of one server, reserved by kind of work: none of them waits for another's. */
export interface Databases {
  /** Events on their way in. */
  ingest: Database;
  /** GraphQL operations. */
  operations: Database;
  /** Changes on their way to subscribers. */
  live: Database;
  /** The scheduler, builds, fits, keys presented, probes. */
  jobs: Database;
  end(): Promise<void>;
}

export type PoolSizes = Record<'ingest' | 'operations' | 'live' | 'jobs', number>;

/** The fewest connections that can be divided: two for each kind of work that has to go on beside itself. */
export const minConnections = 6;

/** Divides `total` connections: a fifth each for ingest, deliveries and jobs, the rest for operations. */
export function divideConnections(total: number): PoolSizes {
  const fifth = Math.floor(total / 5);
  const [ingest, live, jobs] = [Math.max(1, fifth), Math.max(1, fifth), Math.max(2, fifth)];
  return { ingest, live, jobs, operations: total - ingest - live - jobs };
}

/** @param poolSize how many connections there are in all, at least `minConnections` */
export function openDatabases(url: string, poolSize: number): Databases {
  const sizes = divideConnections(poolSize);
  const jobs = openDatabase(url, { poolSize: sizes.jobs });
  const cancelStatement = (pid: number) =>
    jobs.outside(undefined, (sql) => sql.query('select pg_cancel_backend($1)', [pid]));
  const all = {
    ingest: openDatabase(url, { poolSize: sizes.ingest }),
    operations: openDatabase(url, {
      poolSize: sizes.operations,
      // However much one workspace reads, others find a connection.
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
