import type { Transaction } from '../../platform/database.ts';
import { appendChanges } from '../changes/append.ts';
import type { NewChange } from '../changes/kinds.ts';
import type { Rules } from './rules.ts';

/** Applies the consequences of changes and appends the changes to the log. Call it last. */
export function recordChanges(
  db: Transaction,
  { consequences, timeZone }: Pick<Rules, 'consequences' | 'timeZone'>,
  changes: readonly NewChange[],
  now: Date,
): void {
  for (const apply of consequences) apply(db, changes, { timeZone, now });
  appendChanges(db, changes, now);
}
