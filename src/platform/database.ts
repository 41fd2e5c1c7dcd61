import type { Duplex } from 'node:stream';
import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';
import { type Prisma, PrismaClient } from '../../prisma/generated/client.ts';
import { createFairGate } from './fair-gate.ts';
import { asStorageError, isReadOnly, isStorageUnavailable } from './storage-errors.ts';
import { createStoragePool, type StoragePool } from './storage-pool.ts';

/** Prisma, bound to one workspace for the length of one transaction. */
export type Tx = Prisma.TransactionClient;

/** One connection of the pool inside one transaction, for set-based SQL. */
export interface Sql {
  query<Row extends object>(
    text: string,
    values?: unknown[],
  ): Promise<{ rows: Row[]; rowCount: number | null }>;
  /**
   * Runs a statement whose result nobody waits for: it is on its way when this returns, and those that follow
   * come after it. The transaction fails if it does.
   */
  send(text: string, values?: unknown[]): void;
}

/** The same over Prisma's connection: composed SQL in the snapshot of an operation. */
export const sqlThrough = (tx: Tx): Sql => ({
  async query<Row extends object>(text: string, values: unknown[] = []) {
    const rows = await tx.$queryRawUnsafe<Row[]>(text, ...values);
    return { rows, rowCount: rows.length };
  },
  send() {
    throw new Error('An operation reads; whoever writes has a transaction of its own');
  },
});

/**
 * The only door to the database. There is no way to reach a client that is not inside a workspace's
 * transaction: the pool and the Prisma client never leave this file.
 */
export interface Database {
  /** For threads, which open connections of their own. */
  url: string;
  /** Runs `work` in a transaction of the workspace, for composed SQL. */
  inWorkspace<T>(
    workspaceId: string,
    work: (sql: Sql) => Promise<T>,
    patience?: Patience,
  ): Promise<T>;
  /**
   * The same with Prisma, over one read-only snapshot. When the signal aborts, the statement under way is
   * cancelled in the database too.
   */
  readWorkspace<T>(
    workspaceId: string,
    work: (tx: Tx) => Promise<T>,
    signal?: AbortSignal,
  ): Promise<T>;
  /** Reads what lies outside the wall: the directory of workspaces, a presented key. */
  outside<T>(keyId: string | undefined, work: (sql: Sql) => Promise<T>): Promise<T>;
  /** One connection outside the pool, for LISTEN. */
  listener(): pg.Client;
  end(): Promise<void>;
}

/** How long a transaction that nobody waits for may work on one statement, and what puts an end to it. */
export interface Patience {
  ms: number;
  signal: AbortSignal;
}

/** A little more than an operation may take: its own deadline is to be the one that ends it. */
const operationTimeout = 12_000;

/** A database that leaves one statement without an answer for this long counts as gone. */
const silenceTimeout = 10_000;

/** Who waits longer than this for a connection, while others use them all, is refused as OVERLOADED. */
const maxWaitMs = 5_000;
const maxWaitingPerWorkspace = 5_000;

export interface DatabaseOptions {
  poolSize: number;
  /** How many connections the work of one workspace may hold at a time; all of them when absent. */
  connectionsPerWorkspace?: number;
  /** Cancels the statement that a backend is running; without it nothing is cancelled in the database. */
  cancelStatement?: (pid: number) => Promise<unknown>;
}

export function openDatabase(url: string, options: DatabaseOptions): Database {
  const { poolSize, connectionsPerWorkspace = poolSize, cancelStatement } = options;
  const gate = createFairGate({
    slots: poolSize,
    slotsPerKey: connectionsPerWorkspace,
    maxWaitingPerKey: maxWaitingPerWorkspace,
    maxWaitMs,
  });
  const storage = createStoragePool({
    connectionString: url,
    max: poolSize,
    connectionTimeoutMillis: 5_000,
    idleTimeoutMillis: 30_000,
    query_timeout: silenceTimeout,
    keepAlive: true,
    application_name: 'stageline',
    pipeline: true,
  });
  const { pool } = storage;
  const prisma = new PrismaClient({
    adapter: new PrismaPg(pool, { disposeExternalPool: false }),
    transactionOptions: { timeout: operationTimeout, maxWait: 5_000 },
  });
  return {
    url,
    inWorkspace: (workspaceId, work, patience) =>
      gate.run(
        workspaceId,
        () =>
          transaction(
            storage,
            async (sql) => {
              // Compiling a statement of many conditions takes longer than running it for a batch.
              sql.send(
                "select set_config('app.workspace_id', $1, true), set_config('jit', 'off', true)",
                [workspaceId],
              );
              // What is waited for no longer must not go on in the database either.
              if (patience) {
                sql.send("select set_config('statement_timeout', $1, true)", [String(patience.ms)]);
              }
              return work(sql);
            },
            patience,
          ),
        patience?.signal,
      ),
    // A set of a million ids is to be hashed: beyond what hashes may take up, it would be gone through once for
    // every customer. On few cores several workers hash the same set each, and take longer than one alone.
    readWorkspace: (workspaceId, work, signal) =>
      gate.run(
        workspaceId,
        () =>
          prisma
            .$transaction(
              async (tx) => {
                const [backend] = await tx.$queryRaw<Array<{ pid: number }>>`
                  select pg_backend_pid() as pid, set_config('app.workspace_id', ${workspaceId}, true),
                    set_config('statement_timeout', '9000', true), set_config('jit', 'off', true),
                    set_config('max_parallel_workers_per_gather', '0', true),
                    set_config('work_mem', '4MB', true), set_config('hash_mem_multiplier', '32', true)`;
                const cancel = async () => backend && cancelStatement?.(backend.pid);
                return cancelOnAbort(() => work(tx), cancel, signal);
              },
              { isolationLevel: 'RepeatableRead' },
            )
            .catch(asStorageError),
        signal,
      ),
    outside: (keyId, work) =>
      gate.run('', () =>
        transaction(storage, async (sql) => {
          sql.send("select set_config('app.api_key_id', $1, true)", [keyId ?? '']);
          return work(sql);
        }),
      ),
    listener: () => new pg.Client({ connectionString: url, keepAlive: true }),
    end: async () => {
      await prisma.$disconnect();
      await pool.end();
    },
  };
}

/** Ends only after a cancellation has been carried out, which could otherwise hit who uses the connection next. */
async function cancelOnAbort<T>(
  work: () => Promise<T>,
  cancel: () => Promise<unknown>,
  signal: AbortSignal | undefined,
): Promise<T> {
  let cancelling: Promise<unknown> | undefined;
  const onAbort = () => {
    cancelling = cancel().catch(() => undefined);
  };
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    signal?.throwIfAborted();
    return await work();
  } finally {
    signal?.removeEventListener('abort', onAbort);
    await cancelling;
  }
}

async function transaction<T>(
  { pool, renew }: StoragePool,
  work: (sql: Sql) => Promise<T>,
  patience?: Patience,
): Promise<T> {
  const client = await pool.connect();
  const sql = inOrder(client, patience);
  // `end()` of a client that pipelines waits for what is under way.
  const { connection } = client as unknown as { connection: { stream: Duplex } };
  const drop = () => connection.stream.destroy();
  patience?.signal.addEventListener('abort', drop, { once: true });
  let broken: Error | undefined;
  try {
    sql.send('begin');
    const result = await work(sql);
    await sql.commit();
    return result;
  } catch (error) {
    // What fails first makes everything after it fail, in other words.
    const cause = sql.failure() ?? error;
    if (isReadOnly(cause)) renew();
    // A connection that is gone, silent or cannot roll back is not handed to anybody else.
    if (isStorageUnavailable(cause)) broken = cause as Error;
    else {
      await sql.rollback().catch((failure: Error) => {
        broken = failure;
      });
    }
    return asStorageError(cause);
  } finally {
    patience?.signal.removeEventListener('abort', drop);
    client.release(patience?.signal.aborted ? new Error('Dropped') : broken);
  }
}

/**
 * The statements of one transaction, in the order in which they are asked for. None waits for the answer to
 * the one before on its way to the database, which works while we do.
 */
function inOrder(client: pg.PoolClient, patience?: Patience) {
  const sent: Array<Promise<unknown>> = [];
  let failure: unknown;
  let isOver = false;

  function run<Row extends object>(text: string, values?: unknown[]) {
    // The database is to say itself that a statement took too long; only its silence means that it is gone.
    const longer = patience && { query_timeout: patience.ms + 1_000 };
    const answer = client.query<Row>({ text, ...(values && { values }), ...longer });
    answer.catch((error: unknown) => {
      failure ??= error;
    });
    return answer;
  }

  const sql: Sql = {
    query(text, values) {
      // Work that went on after a part of it had failed must not run outside the transaction.
      if (isOver) return Promise.reject(new Error('The transaction is over'));
      return run(text, values);
    },
    send(text, values) {
      if (isOver) throw new Error('The transaction is over');
      sent.push(run(text, values));
    },
  };
  return {
    ...sql,
    failure: () => failure,
    async commit() {
      isOver = true;
      // Where something failed before, PostgreSQL rolls back instead and does not call that a failure.
      await Promise.all([...sent, run('commit')]);
    },
    async rollback() {
      isOver = true;
      await run('rollback');
    },
  };
}
