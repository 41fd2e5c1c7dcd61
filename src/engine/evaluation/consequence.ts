import type { Transaction } from '../../platform/database.ts';
import type { NewChange } from '../changes/kinds.ts';

declare module '../extensions.ts' {
  interface Extension {
    consequences?: readonly Consequence[];
  }
}

/**
 * What a domain does when evaluation records changes, in the same transaction. Changes that activating a
 * definition records in bulk have no consequences.
 */
export interface Consequence {
  /** Loads what it needs, once for as long as no rule changes. */
  load(db: Transaction): Promise<ApplyConsequence>;
}

/** Called with all changes of an evaluation, just before they are appended to the log. */
export type ApplyConsequence = (
  db: Transaction,
  changes: readonly NewChange[],
  context: { timeZone: string; now: Date },
) => void;
