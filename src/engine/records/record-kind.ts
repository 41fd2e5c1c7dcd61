import type { Trust } from '../../access/principal.ts';
import type { Transaction } from '../../platform/database.ts';

declare module '../extensions.ts' {
  interface Extension {
    recordKinds?: readonly RecordKind[];
  }
}

/**
 * A kind of record that events report: repeatedly, in any order, each time completely or in part. Declared once.
 * Decision 0041.
 */
export interface RecordKind {
  /** In upper snake case, as `record_report.kind` stores it. */
  name: string;
  /** The effects of the events that report such a record. */
  effects: readonly string[];
  /** The property with the key of the record. Of several kinds with an effect, the first one with a key or, without any, the last one is reported. */
  keyProperty: string;
  /** The property with the id of a part of the record that is reported by itself, such as a refund of an order. */
  partProperty?: string;
  /**
   * Such a record belongs to one person: a visitor and a user for whom servers report the same one are the same, and
   * reports for further customers are ignored. Otherwise each customer has its own record with the key.
   */
  identifiesCustomer?: true;
  /** Reports beyond the maximum of a record count each by itself; otherwise they are ignored. */
  countsBeyondMax?: true;
  /** The properties that are amounts in the record's currency. */
  amountProperties?: readonly string[];
  /** @throws InvalidReport if the event cannot be interpreted */
  check(
    report: Pick<Report, 'effect' | 'properties'> & Pick<ReportedRecord, 'key' | 'currency'>,
  ): void;
  /** Decides what a record's events count as. A pure function of the reports, which are in the order of arrival. */
  interpret(record: ReportedRecord): Interpretation;
  /** Stores states that `interpret` returned; of several of one record the last. */
  store(db: Transaction, states: readonly unknown[]): void;
  /** Deletes what is stored about records that no longer exist, because a merge of customers was undone. */
  remove?(db: Transaction, keys: readonly string[]): void;
}

export interface ReportedRecord {
  /** Null for an event without a key, which is a record of its own. */
  key: string | null;
  reports: readonly Report[];
  /** Whether nothing can be stored about the record, because it is a new event without a key. */
  isNew: boolean;
  /** The workspace's currency. */
  currency: string;
}

/** One event as the report of a record. */
export interface Report {
  eventId: string;
  /** The customer it was recorded for. */
  customerId: string;
  effect: string;
  /** The id of the part that it reports. */
  part: string | null;
  at: Date;
  trust: Trust;
  /** As received. */
  properties: Record<string, unknown>;
}

export interface Interpretation {
  /** In the order of the reports. */
  meanings: readonly Meaning[];
  /** What is stored about the record; undefined if it does not exist yet. */
  state: unknown;
}

/** What an event counts as, given all reports of its record. */
export interface Meaning {
  effect: string | null;
  /** In minor units of `currency`. */
  amount: bigint | null;
  currency: string | null;
  /** False if conditions on events ignore it, because it repeats another report or counts nothing yet. */
  counts: boolean;
  /** What it counted as before it was taken back, and until when; null if it was not. */
  countedEffect: string | null;
  countedUntil: Date | null;
  /** The properties after corrections; null if they are as received. */
  corrected: Record<string, unknown> | null;
}

/** The event is refused; the message names the property and says what is wrong with it. */
export class InvalidReport extends Error {}

/** An event without an effect. */
export const counted: Meaning = {
  effect: null,
  amount: null,
  currency: null,
  counts: true,
  countedEffect: null,
  countedUntil: null,
  corrected: null,
};

/** An event that counts only as activity. */
export const ignored: Meaning = { ...counted, counts: false };

/** What an event counts as if that has no effect from an instant on. */
export const takenBack = (meaning: Meaning, until: Date): Meaning => ({
  ...meaning,
  effect: null,
  countedEffect: meaning.effect,
  countedUntil: until,
});
