import type { Change } from '../../src/engine/changes/kinds.ts';
import { createLogTail } from '../../src/engine/changes/log-tail.ts';
import type { Database, Transaction } from '../../src/platform/database.ts';
import type { Sql } from '../../src/platform/sql.ts';

const instant = new Date('2024-01-01T00:00:00Z');

/** A change of a customer whose family is the customer alone. */
export const changeAt = (position: number, change: Partial<Change> = {}): Change =>
  ({
    kind: 'CUSTOMER_CREATED',
    customerId: 'c',
    at: instant,
    recordedAt: instant,
    data: {},
    ...change,
    position: BigInt(position),
  }) as Change;

/** A move between two stages of the lifecycle `L`. */
export const moveAt = (position: number, from: string, to: string): Change =>
  changeAt(position, { kind: 'STAGE_CHANGED', data: { lifecycle: 'L', from, to } } as never);

export const range = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index);

export const positionsOf = (items: ReadonlyArray<{ position: bigint | undefined }>) =>
  items.map(({ position }) => Number(position));

/** A change log in memory with the statements that the live part runs, and how often it runs them. */
export function createChangeLog() {
  const changes: Change[] = [];
  /** The positions from which the log was read. */
  const reads: number[] = [];
  let lookups = 0;
  let failure: Error | undefined;
  let gate: Promise<void> | undefined;

  function read([, after, , , limit]: unknown[]) {
    reads.push(Number(after));
    const later = changes.filter(({ position }) => position > BigInt(after as string));
    return later.slice(0, limit as number).map((row) => ({ ...row, position: `${row.position}` }));
  }

  function loadFamilies([positions, customers]: unknown[]) {
    lookups += 1;
    const values = toList(customers);
    return toList(positions).map((position, index) => ({ position, value: values[index] }));
  }

  async function query({ text, values }: Sql) {
    await gate;
    if (failure) throw failure;
    const rows = text.includes('from change entry') ? read(values) : loadFamilies(values);
    return { rows, rowCount: rows.length };
  }

  const transaction = { workspaceId: 'w', query } as unknown as Transaction;
  const database = {
    inWorkspace: (_id: string, work: (db: Transaction) => unknown) => work(transaction),
  } as unknown as Database;

  return {
    database,
    reads,
    lookups: () => lookups,
    append(...added: Change[]) {
      changes.push(...added);
    },
    /** Appends changes with the next positions. */
    grow(count: number, change: Partial<Change> = {}) {
      const next = changes.length + 1;
      changes.push(...range(next, next + count - 1).map((at) => changeAt(at, change)));
    },
    /** Every statement fails, until it is called without an error. */
    fail(error?: Error) {
      failure = error;
    },
    /** Every statement waits. */
    hold(until: Promise<void> | undefined) {
      gate = until;
    },
    openTail: (position = 0) =>
      createLogTail(database, 'w', { epoch: 'testepoch', position: BigInt(position) }),
  };
}

/** The elements of an array parameter. */
const toList = (parameter: unknown) => String(parameter).slice(1, -1).split(',');
