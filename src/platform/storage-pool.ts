import pg from 'pg';
import { StorageUnavailable } from './errors.ts';

/** A pool of connections, and how to stop using those it has. */
export interface StoragePool {
  pool: pg.Pool;
  /**
   * Stops using the connections made so far, which only read: after a failover they still lead to the former primary. Until
   * the database takes writes again, no connection is used twice.
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
  const used = new WeakSet<pg.PoolClient>();
  let reusable = new WeakSet<pg.PoolClient>();
  let isReadOnly = false;

  // A connection that dies must not bring the process down, neither an idle one nor one in use between
  // two of its queries: the next query fails, and the next use opens another.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));

  async function connect(): Promise<pg.PoolClient> {
    const client = await acquire().catch(unavailable);
    if (reusable.has(client)) return client;
    if (used.has(client)) {
      client.release(true);
      return connect();
    }
    used.add(client);
    if (isReadOnly) isReadOnly = await onlyReads(client);
    if (!isReadOnly) reusable.add(client);
    return client;
  }
  pool.connect = connect as typeof pool.connect;

  return {
    pool,
    renew() {
      reusable = new WeakSet();
      isReadOnly = true;
    },
  };
}

function unavailable(cause: unknown): never {
  throw new StorageUnavailable({ cause });
}

async function onlyReads(client: pg.PoolClient): Promise<boolean> {
  try {
    const { rows } = await client.query<{ value: string }>(
      "select current_setting('transaction_read_only') as value",
    );
    return rows[0]?.value === 'on';
  } catch (cause) {
    client.release(true);
    throw new StorageUnavailable({ cause });
  }
}
