import type { Totals } from './checkpoint.ts';
import type { Rejection } from './cut-batches.ts';
import type { ImportSession } from './import-session.ts';

/** What an import has come to, interrupted runs before it included. */
export interface ImportSummary extends Totals {
  /** Lines per second. */
  rate: number;
  /** Where the lines left out are, if there are any. */
  rejectedFile?: string;
  /** The first few of them that this run met. */
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

/** The summary as a person reads it. */
export function describeSummary(summary: ImportSummary): string {
  const { lines, accepted, duplicates, rejected, seconds, rate, rejectedFile, examples } = summary;
  const known = duplicates > 0 ? `, ${count(duplicates)} were there already` : '';
  const left = rejected > 0 ? `, ${count(rejected)} left out` : '';
  const first = `${count(lines)} lines read: ${count(accepted)} orders accepted${known}${left}. ${seconds.toFixed(1)} s, ${count(rate)} lines/s.`;
  if (!rejectedFile) return first;
  const shown = examples.map(({ line, reason }) => `  line ${line}: ${reason}`);
  return [first, `Lines left out, with their reasons: ${rejectedFile}`, ...shown].join('\n');
}

const count = (value: number) => value.toLocaleString('en');
