import type { Database, Tx } from '../../platform/database.ts';
import { OperationEnded } from '../../platform/errors.ts';
import { isConsequence } from '../../platform/storage-errors.ts';

/** One operation's hold on the database: a snapshot that begins with the first query, if there is one. */
export interface OperationTransaction {
  /** Looks like Prisma; the first query opens the transaction. */
  tx: Tx;
  /** Ends what is open; a later query opens anew. */
  release(): Promise<void>;
  /** The same for good: what is still running when its operation has been answered reads no more. */
  end(): Promise<void>;
}

interface Open {
  tx: Promise<Tx>;
  finish(): void;
  done: Promise<unknown>;
  /** What failed first: everything after it fails too, in other words. */
  failure?: unknown;
}

type Call = (...args: unknown[]) => unknown;

/**
 * Opened on first use, so that an operation that only waits for another transaction holds none, and a
 * stream none between its deliveries.
 */
export function createOperationTransaction(
  database: Database,
  workspaceId: () => string,
  signal: AbortSignal,
): OperationTransaction {
  let open: Open | undefined;
  let ended = false;

  function begin(): Open {
    const opened = Promise.withResolvers<Tx>();
    const finished = Promise.withResolvers<void>();
    const hold = (tx: Tx) => {
      opened.resolve(tx);
      return finished.promise;
    };
    const done = database.readWorkspace(workspaceId(), hold, signal);
    done.catch(opened.reject);
    return { tx: opened.promise, finish: finished.resolve, done };
  }

  const over = () => (signal.aborted ? signal.reason : new OperationEnded());

  /** A connection answers one query at a time; asking it in turn is what it would do anyway. */
  let turn: Promise<unknown> = Promise.resolve();
  function inTurn(work: (tx: Tx) => unknown) {
    if (ended || signal.aborted) return Promise.reject(over());
    open ??= begin();
    const current = open;
    // What waited for its turn meanwhile is not begun any more.
    const answer = turn
      .then(() => (ended || signal.aborted ? Promise.reject(over()) : current.tx))
      .then(work)
      .catch((error: unknown) => {
        current.failure ??= signal.aborted ? signal.reason : error;
        throw isConsequence(error) || signal.aborted ? current.failure : error;
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
    // Its queries have failed with the same error already.
    await ending.done.catch(() => undefined);
  }

  return {
    // The proxy forwards every name, so it is what its type says.
    tx: tx as unknown as Tx,
    release,
    end() {
      ended = true;
      return release();
    },
  };
}
