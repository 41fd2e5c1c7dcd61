import type { ImportTotals } from './checkpoint.ts';
import type { Rejection } from './cut-batches.ts';
import type { ImportSession } from './import-session.ts';

/** The result of an import, including earlier interrupted runs. */
export interface ImportSummary extends ImportTotals {
  /** Lines per second. */
  rate: number;
  /** The file of rejected lines, if there are any. */
  rejectedFile?: string;
  /** The first rejected lines of this run. */
  examples: Rejection[];
}

export function summarise({ checkpoint, rejected, examples }: ImportSession): ImportSummary {
  const { totals } = checkpoint;
  return {
    ...totals,
    rate: Math.round(totals.lines / Math.max(totals.seconds, 0.001)),
    ...(totals.rejected > 0 ? { rejectedFile: rejected.path } : {}),
    examples,
  };
}

/** Formats the summary for a person. */
export function describeSummary(summary: ImportSummary): string {
  const { lines, accepted, duplicates, rejected, seconds, rate, rejectedFile, examples } = summary;
  const known = duplicates > 0 ? `, ${count(duplicates)} duplicates` : '';
  const refused = rejected > 0 ? `, ${count(rejected)} rejected` : '';
  const first = `${count(lines)} lines read: ${count(accepted)} orders accepted${known}${refused}. ${seconds.toFixed(1)} s, ${count(rate)} lines/s.`;
  if (!rejectedFile) return first;
  const shown = examples.map(({ line, reason }) => `  line ${line}: ${reason}`);
  return [first, `Rejected lines with their reasons: ${rejectedFile}`, ...shown].join('\n');
}

const count = (value: number) => value.toLocaleString('en');
