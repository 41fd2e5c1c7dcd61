import type { Transaction } from '../../platform/database.ts';
import type { NewChange } from '../changes/kinds.ts';

declare module '../extensions.ts' {
  interface Extension {
    consequences?: readonly Consequence[];
  }
}

/**
 * A reaction of a domain to the changes of an evaluation, in the same transaction. The bulk changes of an activated
 * definition have no consequences.
 */
export interface Consequence {
  /** Loads the data it needs; cached until a rule changes. */
  load(db: Transaction): Promise<ApplyConsequence>;
}

/** Called with all changes of an evaluation, just before they are appended to the log. */
export type ApplyConsequence = (
  db: Transaction,
  changes: readonly NewChange[],
  context: { timeZone: string; now: Date },
) => void;
