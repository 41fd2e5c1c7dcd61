import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';
import { type Prisma, PrismaClient } from '../../prisma/generated/client.ts';
import { asStorageError, isStorageUnavailable } from './storage-errors.ts';

/** Prisma, bound to one workspace for the length of one transaction. */
export type Tx = Prisma.TransactionClient;

/** One connection of the pool inside one transaction, for set-based SQL. */
export interface Sql {
  query<Row extends object>(
    text: string,
    values?: unknown[],
  ): Promise<{ rows: Row[]; rowCount: number | null }>;
}

/** The same over Prisma's connection: composed SQL in the snapshot of an operation. */
export const sqlThrough = (tx: Tx): Sql => ({
  async query<Row extends object>(text: string, values: unknown[] = []) {
    const rows = await tx.$queryRawUnsafe<Row[]>(text, ...values);
    return { rows, rowCount: rows.length };
  },
});

/**
 * The only door to the database. There is no way to reach a client that is not inside a workspace's
 * transaction: the pool and the Prisma client never leave this file.
 */
export interface Database {
  /** Runs `work` in a transaction of the workspace, for composed SQL. */
  inWorkspace<T>(workspaceId: string, work: (sql: Sql) => Promise<T>): Promise<T>;
  /** The same with Prisma, over one read-only snapshot. */
  readWorkspace<T>(workspaceId: string, work: (tx: Tx) => Promise<T>): Promise<T>;
  /** Reads what lies outside the wall: the directory of workspaces, a presented key. */
  outside<T>(keyId: string | undefined, work: (sql: Sql) => Promise<T>): Promise<T>;
  /** One connection outside the pool, for LISTEN. */
  listener(): pg.Client;
  end(): Promise<void>;
}

const operationTimeout = 10_000;

/** A database that leaves one statement without an answer for this long counts as gone. */
const silenceTimeout = 10_000;

export function openDatabase(url: string, { poolSize }: { poolSize: number }): Database {
  const pool = new pg.Pool({
    connectionString: url,
    max: poolSize,
    connectionTimeoutMillis: 5_000,
    idleTimeoutMillis: 30_000,
    query_timeout: silenceTimeout,
    keepAlive: true,
    application_name: 'stageline',
  });
  // A connection that dies must not bring the process down, neither an idle one nor one in use between
  // two of its queries: the next query fails, and the next use opens another.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  const prisma = new PrismaClient({
    adapter: new PrismaPg(pool, { disposeExternalPool: false }),
    transactionOptions: { timeout: operationTimeout, maxWait: 5_000 },
  });
  return {
    inWorkspace: (workspaceId, work) =>
      transaction(pool, async (sql) => {
        // Compiling a statement of many conditions takes longer than running it for a batch.
        await sql.query(
          "select set_config('app.workspace_id', $1, true), set_config('jit', 'off', true)",
          [workspaceId],
        );
        return work(sql);
      }),
    readWorkspace: (workspaceId, work) =>
      prisma
        .$transaction(
          async (tx) => {
            await tx.$queryRaw`select set_config('app.workspace_id', ${workspaceId}, true),
              set_config('statement_timeout', '9000', true), set_config('jit', 'off', true)`;
            return work(tx);
          },
          { isolationLevel: 'RepeatableRead' },
        )
        .catch(asStorageError),
    outside: (keyId, work) =>
      transaction(pool, async (sql) => {
        await sql.query("select set_config('app.api_key_id', $1, true)", [keyId ?? '']);
        return work(sql);
      }),
    listener: () => new pg.Client({ connectionString: url, keepAlive: true }),
    end: async () => {
      await prisma.$disconnect();
      await pool.end();
    },
  };
}

async function transaction<T>(pool: pg.Pool, work: (sql: Sql) => Promise<T>): Promise<T> {
  const client = await pool.connect().catch(asStorageError);
  const sql = inTurn(client);
  let broken: Error | undefined;
  try {
    await sql.query('begin');
    const result = await work(sql);
    await sql.end('commit');
    return result;
  } catch (error) {
    // A connection that is gone, silent or cannot roll back is not handed to anybody else.
    if (isStorageUnavailable(error)) broken = error as Error;
    else {
      await sql.end('rollback').catch((failure: Error) => {
        broken = failure;
      });
    }
    return asStorageError(error);
  } finally {
    client.release(broken);
  }
}

/** So many statements a connection keeps planned; each takes memory in the database. */
const mostPrepared = 200;
const seen = new WeakMap<pg.PoolClient, Map<string, string>>();

/**
 * What a connection is asked for again is prepared: planning the statement that answers all rules takes
 * longer than running it for a few customers. What comes only once is not worth a place.
 */
function prepare(client: pg.PoolClient, text: string, values?: unknown[]): pg.QueryConfig {
  const names = seen.get(client) ?? new Map<string, string>();
  seen.set(client, names);
  const query = { text, ...(values && { values }) };
  const name = names.get(text);
  if (name !== undefined) return { ...query, name };
  if (names.size < mostPrepared) names.set(text, `s${names.size}`);
  return query;
}

/**
 * Statements of one connection one after the other, however many are asked for at once. The next one is
 * on its way before whoever asked for the last one goes on: the database works while we do.
 */
function inTurn(
  client: pg.PoolClient,
): Sql & { end(statement: 'commit' | 'rollback'): Promise<void> } {
  const waiting: Array<() => void> = [];
  let isBusy = false;
  let isOver = false;

  async function run<Row extends object>(text: string, values?: unknown[]) {
    if (isBusy) await new Promise<void>((begin) => waiting.push(begin));
    isBusy = true;
    try {
      return await client.query<Row>(prepare(client, text, values));
    } finally {
      const next = waiting.shift();
      if (next) next();
      else isBusy = false;
    }
  }

  return {
    query(text, values) {
      // Work that went on after a part of it had failed must not run outside the transaction.
      if (isOver) return Promise.reject(new Error('The transaction is over'));
      return run(text, values);
    },
    async end(statement) {
      isOver = true;
      await run(statement);
    },
  };
}
