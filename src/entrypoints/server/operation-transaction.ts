import type { Database, Tx } from '../../platform/database.ts';
import { OperationEnded } from '../../platform/errors.ts';
import { isTransactionAborted } from '../../platform/storage-errors.ts';

/** The read transaction of one operation: a snapshot that begins with the first query. */
export interface OperationTransaction {
  /** A proxy for Prisma; the first query opens the transaction. */
  tx: Tx;
  /** Ends the open transaction; a later query opens another. */
  release(): Promise<void>;
  /** Whether a query has failed. */
  hasFailed(): boolean;
  /** Ends the transaction for good: later queries are rejected. */
  end(): Promise<void>;
}

interface Open {
  tx: Promise<Tx>;
  finish(): void;
  done: Promise<unknown>;
  /** The first failure; later queries fail as a consequence, with other messages. */
  failure?: unknown;
}

type Call = (...args: unknown[]) => unknown;

/**
 * The transaction is opened on first use: an operation that only waits for another transaction uses no connection,
 * nor does a stream between its deliveries.
 */
export function createOperationTransaction(
  database: Database,
  workspaceId: () => string,
  signal: AbortSignal,
): OperationTransaction {
  let open: Open | undefined;
  let ended = false;
  let hasFailed = false;

  function begin(): Open {
    const opened = Promise.withResolvers<Tx>();
    const finished = Promise.withResolvers<void>();
    const waitUntilFinished = (tx: Tx) => {
      opened.resolve(tx);
      return finished.promise;
    };
    const done = database.readWorkspace(workspaceId(), waitUntilFinished, signal);
    done.catch(opened.reject);
    return { tx: opened.promise, finish: finished.resolve, done };
  }

  const endReason = () => (signal.aborted ? signal.reason : new OperationEnded());

  /** Queries run one after another, because a connection runs one at a time anyway. */
  let turn: Promise<unknown> = Promise.resolve();
  function inTurn(work: (tx: Tx) => unknown) {
    if (ended || signal.aborted) return Promise.reject(endReason());
    open ??= begin();
    const current = open;
    // Checked again: the operation may have ended while the query waited.
    const answer = turn
      .then(() => (ended || signal.aborted ? Promise.reject(endReason()) : current.tx))
      .then(work)
      .catch((error: unknown) => {
        hasFailed = true;
        current.failure ??= signal.aborted ? signal.reason : error;
        throw isTransactionAborted(error) || signal.aborted ? current.failure : error;
      });
    turn = answer.catch(() => undefined);
    return answer;
  }

  const model = (name: string) =>
    new Proxy({} as Record<string, Call>, {
      get: (_target, method: string) => (args: unknown) =>
        inTurn((tx) =>
          (tx as unknown as Record<string, Record<string, Call>>)[name]?.[method]?.(args),
        ),
    });

  const tx = new Proxy({} as Record<string, unknown>, {
    has: () => true,
    get(_target, name: string) {
      if (!name.startsWith('$')) return model(name);
      return (...args: unknown[]) =>
        inTurn((tx) => (tx as unknown as Record<string, Call>)[name]?.(...args));
    },
  });

  async function release() {
    const ending = open;
    open = undefined;
    if (!ending) return;
    ending.finish();
    // Its queries have already reported the same error.
    await ending.done.catch(() => undefined);
  }

  return {
    // The proxy forwards every name, so the type is right.
    tx: tx as unknown as Tx,
    release,
    hasFailed: () => hasFailed,
    end() {
      ended = true;
      return release();
    },
  };
}
