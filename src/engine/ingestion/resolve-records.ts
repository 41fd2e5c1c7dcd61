import { loadMoneySums, type MoneySums, moneyChangesOf } from '../customers/money-changes.ts';
import type { Correction } from '../records/interpret-record.ts';
import { createRecordBook, type RecordBook, type ReportOutcome } from '../records/record-book.ts';
import { ignored } from '../records/record-kind.ts';
import type { RecordReference } from '../records/record-kinds.ts';
import { isKeyed, loadReports } from '../records/reports.ts';
import type { Batch } from './batch.ts';
import type { ResolvedEvent } from './resolve-events.ts';

/** An event with what it counts as, given the reports of its record that arrived before. */
export interface InterpretedEvent extends ResolvedEvent {
  /** What earlier events count as from now on. */
  corrections: readonly Correction[];
  /** The record it reports, with what is known about it then; undefined for none. */
  reported:
    | ({ record: RecordReference } & Pick<ReportOutcome, 'state' | 'isKept' | 'isForeign'>)
    | undefined;
  /** It would raise a sum of money beyond the maximum, and is interpreted as if it reported nothing. */
  overflows: boolean;
}

/** Interprets the reports of records in the order of arrival, with those that are stored. */
export async function resolveRecords(
  { db, settings }: Pick<Batch, 'db' | 'settings'>,
  run: readonly ResolvedEvent[],
): Promise<InterpretedEvent[]> {
  const reporting = run.filter(({ event: { record } }) => record !== null);
  const [stored, sums] = await Promise.all([
    loadReports(
      db,
      reporting.flatMap(({ event: { record } }) => (isKeyed(record) ? [record] : [])),
    ),
    loadMoneySums(db, existingCustomersOf(reporting)),
  ]);
  const book = createRecordBook(stored, settings.currency);
  return run.map((item) => interpret(book, sums, item));
}

const existingCustomersOf = (run: readonly ResolvedEvent[]): string[] => [
  ...new Set(run.flatMap(({ resolution: { isNew, survivorId } }) => (isNew ? [] : [survivorId]))),
];

function interpret(
  book: RecordBook,
  sums: MoneySums,
  { event, resolution }: ResolvedEvent,
): InterpretedEvent {
  const { record, effect } = event;
  const unreported = { resolution, corrections: [], reported: undefined };
  if (!record || effect === null) return { event, ...unreported, overflows: false };
  const report = {
    eventId: event.id,
    customerId: resolution.customerId,
    survivorId: resolution.survivorId,
    effect,
    part: record.part,
    at: event.occurredAt,
    trust: event.trust,
    properties: event.properties,
    meaning: event,
  };
  const outcome = book.add(record, report, (added) =>
    sums.add(changesOf(added, resolution.survivorId)),
  );
  if (!outcome) return { event: { ...event, ...ignored }, ...unreported, overflows: true };
  const { meaning, corrections, ...known } = outcome;
  return {
    event: { ...event, ...meaning },
    resolution,
    corrections,
    reported: { record, ...known },
    overflows: false,
  };
}

/** What a report changes in sums of money, by its own event and by the events that it corrects. */
const changesOf = ({ meaning, corrections }: ReportOutcome, survivorId: string) => [
  ...moneyChangesOf(meaning, survivorId),
  ...corrections.flatMap((one) => [
    ...moneyChangesOf(one.meaning, one.survivorId),
    ...moneyChangesOf(one.before, one.survivorId).map((change) => ({
      ...change,
      amount: -change.amount,
    })),
  ]),
];

/**
 * Splits events before each one that corrects events of a customer who has other events in the same run, or events of
 * the run, because a correction requires that they are stored. Corrections of one customer in a row are applied
 * together: each for itself takes as long as the customer's history is long.
 */
export function runsBetweenCorrections(events: readonly InterpretedEvent[]): InterpretedEvent[][] {
  const runs: InterpretedEvent[][] = [];
  let started = new Set<string>();
  for (const item of events) {
    const current = runs.at(-1);
    const corrected = item.corrections.flatMap(({ eventId, survivorId }) => [eventId, survivorId]);
    if (!current || corrected.some((id) => started.has(id))) {
      runs.push([item]);
      started = new Set();
    } else current.push(item);
    started.add(item.event.id);
    if (item.corrections.length === 0) started.add(item.resolution.survivorId);
  }
  return runs;
}
