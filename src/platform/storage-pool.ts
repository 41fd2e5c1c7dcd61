import pg from 'pg';
import { StorageUnavailable } from './errors.ts';

/** A pool of connections, and how to stop using those it has. */
export interface StoragePool {
  pool: pg.Pool;
  /**
   * Drops every connection made so far at its next use. After a failover they still lead to the server that no longer
   * takes writes.
   */
  renew(): void;
}

/**
 * Whatever keeps a connection from being made, the database is unavailable: PostgreSQL, a pooler and the network say it
 * with many codes, some of which mean a bug when they answer a statement.
 */
export function createStoragePool(options: pg.PoolConfig): StoragePool {
  const pool = new pg.Pool(options);
  const acquire = pool.connect.bind(pool) as () => Promise<pg.PoolClient>;
  let current = new WeakSet<pg.PoolClient>();

  // A connection that dies must not bring the process down, neither an idle one nor one in use between
  // two of its queries: the next query fails, and the next use opens another.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => {
    client.on('error', () => undefined);
    current.add(client);
  });

  async function connect(): Promise<pg.PoolClient> {
    const client = await acquire().catch((cause: unknown) => {
      throw new StorageUnavailable({ cause });
    });
    if (current.has(client)) return client;
    client.release(true);
    return connect();
  }
  pool.connect = connect as typeof pool.connect;

  return {
    pool,
    renew() {
      current = new WeakSet();
    },
  };
}
