import pg from 'pg';
import { StorageUnavailable } from './errors.ts';

/** A connection pool whose connections can be discarded. */
export interface StoragePool {
  pool: pg.Pool;
  /**
   * Stops using the existing connections: after a failover they still lead to the former primary, which is read-only.
   * Until the database accepts writes again, no connection is reused.
   */
  discardConnections(): void;
}

/**
 * Reports every failure to connect as `StorageUnavailable`: PostgreSQL, a pooler and the network use many codes, and
 * some of them mean a bug when they answer a statement.
 */
export function createStoragePool(options: pg.PoolConfig): StoragePool {
  const pool = new pg.Pool(options);
  const acquire = pool.connect.bind(pool) as () => Promise<pg.PoolClient>;
  const used = new WeakSet<pg.PoolClient>();
  let reusable = new WeakSet<pg.PoolClient>();
  let isReadOnly = false;

  // Without listeners, a lost connection would end the process, idle or between two queries. With them, the next query
  // fails and the next use opens another connection.
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
    if (isReadOnly) isReadOnly = await isReadOnlySession(client);
    if (!isReadOnly) reusable.add(client);
    return client;
  }
  pool.connect = connect as typeof pool.connect;

  return {
    pool,
    discardConnections() {
      reusable = new WeakSet();
      isReadOnly = true;
    },
  };
}

function unavailable(cause: unknown): never {
  throw new StorageUnavailable({ cause });
}

async function isReadOnlySession(client: pg.PoolClient): Promise<boolean> {
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
