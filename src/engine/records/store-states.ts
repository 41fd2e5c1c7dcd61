import type { Transaction } from '../../platform/database.ts';
import { type RecordKey, requireRecordKind } from './record-kinds.ts';

interface RecordState {
  record: RecordKey;
  state: unknown;
}

/** Stores what is known about records that were interpreted again, and deletes those that no longer exist. */
export function replaceStates(db: Transaction, states: readonly RecordState[]): void {
  storeStates(db, states);
  const missing = states.filter(({ state }) => state === undefined);
  for (const [kind, own] of Map.groupBy(missing, ({ record }) => record.kind)) {
    requireRecordKind(kind).remove?.(
      db,
      own.flatMap(({ record: { key } }) => key ?? []),
    );
  }
}

/** Stores what is known about records; of several states of one record the last. */
export function storeStates(db: Transaction, states: readonly RecordState[]): void {
  const existing = states.filter(({ state }) => state !== undefined);
  for (const [kind, own] of Map.groupBy(existing, ({ record }) => record.kind)) {
    requireRecordKind(kind).store(
      db,
      own.map(({ state }) => state),
    );
  }
}
