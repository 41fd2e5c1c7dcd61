import {
  type Correction,
  correctionsOf,
  interpretRecord,
  maxReports,
  type OwnedReport,
} from './interpret-record.ts';
import { ignored, type Meaning } from './record-kind.ts';
import type { RecordReference } from './record-kinds.ts';
import { isKeyed, recordId } from './reports.ts';

/** What a new report changes. */
export interface ReportOutcome {
  /** Of its own event. */
  meaning: Meaning;
  /** Of events that are stored, or reported before. */
  corrections: readonly Correction[];
  /** What is stored about the record from now on; undefined if it does not exist yet. */
  state: unknown;
}

/** The records of a batch of events while its reports are added one after another. */
export interface RecordBook {
  add(record: RecordReference, report: OwnedReport): ReportOutcome;
}

/** @param stored the reports known before, by `recordId` */
export function createRecordBook(
  stored: ReadonlyMap<string, readonly OwnedReport[]>,
  currency: string,
): RecordBook {
  const reports = new Map(stored);

  return {
    add(record, report) {
      if (!isKeyed(record)) {
        const { meanings, state } = interpretRecord(record, [report], currency);
        return { meaning: meanings[0] ?? ignored, corrections: [], state };
      }
      const id = recordId(record);
      const before = reports.get(id) ?? [];
      if (before.length >= maxReports)
        return { meaning: ignored, corrections: [], state: undefined };
      const all = [...before, report];
      const { meanings, state } = interpretRecord(record, all, currency);
      const after = all.map((one, index) => ({ ...one, meaning: meanings[index] ?? ignored }));
      reports.set(id, after);
      const corrections = correctionsOf(before, meanings);
      return { meaning: after.at(-1)?.meaning ?? ignored, corrections, state };
    },
  };
}
