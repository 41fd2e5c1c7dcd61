import {
  type Correction,
  correctionsOf,
  interpretRecord,
  maxReports,
  type OwnedReport,
} from './interpret-record.ts';
import { type Interpretation, ignored, type Meaning } from './record-kind.ts';
import { type RecordKey, requireRecordKind } from './record-kinds.ts';
import { isKeyed, recordId } from './reports.ts';

/** What a new report changes. */
export interface ReportOutcome {
  /** Of its own event. */
  meaning: Meaning;
  /** Of events that are stored, or reported before. */
  corrections: readonly Correction[];
  /** What is stored about the record from now on; undefined if it does not exist yet. */
  state: unknown;
  /** Whether later reports are interpreted together with it. */
  isKept: boolean;
  /** Whether the record belongs to another customer. */
  isForeign: boolean;
}

/** The records of a batch of events while its reports are added one after another. */
export interface RecordBook {
  /** Adds a report if its outcome is accepted; undefined if not. */
  add(
    record: RecordKey,
    report: OwnedReport,
    isAccepted: (outcome: ReportOutcome) => boolean,
  ): ReportOutcome | undefined;
}

const nothing: Omit<ReportOutcome, 'meaning'> = {
  corrections: [],
  state: undefined,
  isKept: false,
  isForeign: false,
};

/** @param stored the reports known before, by `recordId` */
export function createRecordBook(
  stored: ReadonlyMap<string, readonly OwnedReport[]>,
  currency: string,
): RecordBook {
  const reports = new Map(stored);

  function interpretWith(
    record: RecordKey,
    before: readonly OwnedReport[],
    report: OwnedReport,
  ): Judged {
    if (before.length >= maxReports) return { ...nothing, meaning: beyondMax(record, report) };
    const all = [...before, report];
    const stored = { currency, isNew: record.key === null };
    const { meanings, state, ownerId } = interpretRecord(record, all, stored);
    const meaning = meanings.at(-1) ?? ignored;
    const isForeign = ownerId !== undefined && ownerId !== report.survivorId;
    if (!isKeyed(record)) return { ...nothing, meaning, state };
    const interpretBefore = () => interpretRecord(record, before, stored);
    if (!mayBeKept(report, { meanings, state }, interpretBefore)) {
      return { ...nothing, meaning, isForeign };
    }
    const corrections = correctionsOf(before, meanings);
    const after = all.map((one, index) => ({ ...one, meaning: meanings[index] ?? ignored }));
    return { meaning, corrections, state, isKept: true, isForeign, after };
  }

  return {
    add(record, report, isAccepted) {
      const before = isKeyed(record) ? (reports.get(recordId(record)) ?? []) : [];
      const { after, ...outcome } = interpretWith(record, before, report);
      if (!isAccepted(outcome)) return undefined;
      if (after && isKeyed(record)) reports.set(recordId(record), after);
      return outcome;
    },
  };

  /** What a report counts as that is not read with the others of its record. */
  function beyondMax({ kind }: RecordKey, report: OwnedReport): Meaning {
    if (!requireRecordKind(kind).countsBeyondMax) return ignored;
    const own = { kind, key: null };
    return interpretRecord(own, [report], { currency, isNew: true }).meanings[0] ?? ignored;
  }
}

/** An outcome with the reports of the record as they are if the new one is kept. */
type Judged = ReportOutcome & { after?: readonly OwnedReport[] };

/**
 * Of browsers, only the report that opens a record is kept: everyone has their keys, and could otherwise use up the
 * reports that are read of a record.
 */
const mayBeKept = (
  { trust }: OwnedReport,
  { state }: Interpretation,
  before: () => Interpretation,
) => trust === 'SERVER' || (state !== undefined && before().state === undefined);
