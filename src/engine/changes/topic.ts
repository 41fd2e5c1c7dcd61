import type { Transaction } from '../../platform/database.ts';
import type { Change } from './kinds.ts';

/** What a change can be found by: a name and a value, as `kind:STAGE_CHANGED`. */
export type Topic = `${string}:${string}`;

/**
 * The changes that a subscription is delivered: those with at least one topic of each clause. The last clause is the
 * one to be found by, so it should be the narrowest. Without a clause all changes are of interest.
 * Decision 0037.
 */
export type Interest = ReadonlyArray<readonly Topic[]>;

/** Topics that only the database knows, looked up for many changes at once, if a subscription is interested in them. */
export interface TopicLookup {
  /** The name of the topics. */
  name: string;
  /** The values by position of the change. */
  load(db: Transaction, changes: readonly Change[]): Promise<TopicValue[]>;
}

export interface TopicValue {
  position: bigint;
  value: string;
}

/** The topic that every change has. */
export const anyChange: Topic = 'any:change';
