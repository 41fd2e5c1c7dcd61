import type { Duplex } from 'node:stream';
import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';
import { type Prisma, PrismaClient } from '../../prisma/generated/client.ts';
import { createFairGate } from './fair-gate.ts';
import { type Sql, sql } from './sql.ts';
import { asStorageError, isReadOnly, isStorageUnavailable } from './storage-errors.ts';
import { createStoragePool, type StoragePool } from './storage-pool.ts';

/** Prisma, bound to one workspace for the length of one transaction. */
export type Tx = Prisma.TransactionClient;

/** Runs statements on one connection, inside one transaction. */
export interface Statements {
  query<Row extends object>(statement: Sql): Promise<{ rows: Row[]; rowCount: number | null }>;
  /**
   * Sends a statement without waiting for its result. Statements run in the order they were sent. If it fails,
   * the transaction fails.
   * Decision 0015.
   */
  send(statement: Sql): void;
}

/** A transaction of one workspace, for set-based SQL. Decision 0035. */
export interface Transaction extends Statements {
  readonly workspaceId: string;
}

/** A `Transaction` over Prisma's connection: composed SQL in the snapshot of an operation. */
export const sqlThrough = (tx: Tx, workspaceId: string): Transaction => ({
  workspaceId,
  async query<Row extends object>(statement: Sql) {
    const rows = await tx.$queryRaw<Row[]>(statement);
    return { rows, rowCount: rows.length };
  },
  send() {
    throw new Error('An operation is read-only: use inWorkspace to write');
  },
});

/**
 * The only access to the database. Every client runs inside a transaction of one workspace:
 * the pool and the Prisma client never leave this file.
 */
export interface Database {
  /** For worker threads, which open their own connections. */
  url: string;
  /** Runs `work` in a transaction of the workspace, for composed SQL. */
  inWorkspace<T>(
    workspaceId: string,
    work: (db: Transaction) => Promise<T>,
    options?: TransactionOptions,
  ): Promise<T>;
  /**
   * Runs `work` with Prisma in one read-only snapshot of the workspace. When the signal aborts, the running statement
   * is cancelled in the database too.
   */
  readWorkspace<T>(
    workspaceId: string,
    work: (tx: Tx) => Promise<T>,
    signal?: AbortSignal,
  ): Promise<T>;
  /** Runs `work` without a workspace: reads the directory of workspaces, or the key with this id. */
  withoutWorkspace<T>(keyId: string | undefined, work: (db: Statements) => Promise<T>): Promise<T>;
  /** Creates a client outside the pool, for LISTEN. */
  listener(): pg.Client;
  poolUse(): PoolUse;
  end(): Promise<void>;
}

/** The use of a connection pool at an instant. */
export interface PoolUse {
  /** Open connections, idle ones included. */
  open: number;
  idle: number;
  /** Transactions that wait for a connection. */
  waiting: number;
}

/** For long transactions in the background: the timeout of one statement, and the signal that aborts the transaction. */
export interface TransactionOptions {
  statementTimeoutMs: number;
  signal: AbortSignal;
}

/** Longer than the deadline of an operation, so that the deadline ends it and not this timeout. */
const operationTimeoutMs = 12_000;

/** After this time without an answer to a statement the connection is considered lost. */
const queryTimeoutMs = 10_000;

/** Work that waits longer than this for a free connection is refused as OVERLOADED. */
const maxWaitMs = 5_000;
const maxWaitingPerWorkspace = 5_000;

export interface DatabaseOptions {
  poolSize: number;
  /** Maximum of connections that one workspace uses at a time. Default: `poolSize`. */
  connectionsPerWorkspace?: number;
  /** Cancels the statement that a backend is running. If absent, nothing is cancelled in the database. */
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
    query_timeout: queryTimeoutMs,
    keepAlive: true,
    application_name: 'stageline',
    pipeline: true,
  });
  const { pool } = storage;
  const prisma = new PrismaClient({
    adapter: new PrismaPg(pool, { disposeExternalPool: false }),
    transactionOptions: { timeout: operationTimeoutMs, maxWait: 5_000 },
  });
  return {
    url,
    inWorkspace: (workspaceId, work, options) =>
      gate.run(
        workspaceId,
        () =>
          transaction(
            storage,
            (statements) => {
              // JIT compilation of a statement with many conditions takes longer than running it for a batch.
              statements.send(sql`
                select set_config('app.workspace_id', ${workspaceId}, true), set_config('jit', 'off',
                  true)`);
              // A statement that outlives its caller must end in the database too.
              if (options) {
                const timeout = String(options.statementTimeoutMs);
                statements.send(sql`select set_config('statement_timeout', ${timeout}, true)`);
              }
              return work({ ...statements, workspaceId });
            },
            options,
          ),
        options?.signal,
      ),
    // Hash memory must hold a set of a million ids: otherwise PostgreSQL scans the set once per customer.
    // No parallel workers: each would hash the same set, which is slower on few cores.
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
    withoutWorkspace: (keyId, work) =>
      gate.run('', () =>
        transaction(storage, (statements) => {
          // Decision 0006.
          statements.send(sql`select set_config('app.api_key_id', ${keyId ?? ''}, true)`);
          return work(statements);
        }),
      ),
    listener: () => new pg.Client({ connectionString: url, keepAlive: true }),
    poolUse: () => ({
      open: pool.totalCount,
      idle: pool.idleCount,
      waiting: gate.load().waiting + pool.waitingCount,
    }),
    end: async () => {
      await prisma.$disconnect();
      await pool.end();
    },
  };
}

/** Waits for a cancellation to finish, because it could otherwise hit the next user of the connection. */
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
  { pool, discardConnections }: StoragePool,
  work: (statements: Statements) => Promise<T>,
  options?: TransactionOptions,
): Promise<T> {
  const client = await pool.connect();
  const statements = inOrder(client, options);
  // Not `end()`: on a pipelining client it waits for running statements.
  const { connection } = client as unknown as { connection: { stream: Duplex } };
  const drop = () => connection.stream.destroy();
  options?.signal.addEventListener('abort', drop, { once: true });
  let broken: Error | undefined;
  try {
    statements.send(sql`begin`);
    const result = await work(statements);
    await statements.commit();
    return result;
  } catch (error) {
    // Later statements fail as a consequence of the first failure, with other messages.
    const cause = statements.failure() ?? error;
    if (isReadOnly(cause)) discardConnections();
    // A connection that is lost, does not answer or cannot roll back is not reused.
    if (isStorageUnavailable(cause)) broken = cause as Error;
    else {
      await statements.rollback().catch((failure: Error) => {
        broken = failure;
      });
    }
    return asStorageError(cause);
  } finally {
    options?.signal.removeEventListener('abort', drop);
    client.release(options?.signal.aborted ? new Error('Dropped') : broken);
  }
}

/**
 * Sends the statements of one transaction in order. A statement does not wait for the previous answer, so the database
 * and this process work at the same time.
 */
function inOrder(client: pg.PoolClient, options?: TransactionOptions) {
  const sent: Array<Promise<unknown>> = [];
  let failure: unknown;
  let isOver = false;

  function run<Row extends object>({ text, values }: Sql) {
    // Longer than statement_timeout: the database reports a slow statement, the client only a lost connection.
    const timeout = options && { query_timeout: options.statementTimeoutMs + 1_000 };
    const answer = client.query<Row>({ text, values, ...timeout });
    answer.catch((error: unknown) => {
      failure ??= error;
    });
    return answer;
  }

  const statements: Statements = {
    query(statement) {
      // Work that continues after a failure must not run outside the transaction.
      if (isOver) return Promise.reject(new Error('The transaction is over'));
      return run(statement);
    },
    send(statement) {
      if (isOver) throw new Error('The transaction is over');
      sent.push(run(statement));
    },
  };
  return {
    ...statements,
    failure: () => failure,
    async commit() {
      isOver = true;
      // After a failed statement PostgreSQL answers a commit with a rollback and reports no error.
      await Promise.all([...sent, run(sql`commit`)]);
    },
    async rollback() {
      isOver = true;
      await run(sql`rollback`);
    },
  };
}
