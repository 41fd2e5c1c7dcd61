import type { NewChange } from '../changes/kinds.ts';
import type { Facts } from '../customers/fact.ts';
import { loadCustomers } from '../customers/load-customers.ts';
import { recomputeFacts } from '../customers/recompute-facts.ts';
import { correctEvents, insertReports, isKeyed } from '../records/reports.ts';
import { storeStates } from '../records/store-states.ts';
import { evaluateRebuilt } from './apply-merge.ts';
import type { Batch } from './batch.ts';
import type { InterpretedEvent } from './resolve-records.ts';

interface CorrectedRecords {
  /** The facts of the corrected customers before that, by id. */
  factsBefore: ReadonlyMap<string, Facts>;
  /** The moves of customers without events in the run, from whom a record was taken. */
  changes: NewChange[];
}

/** Applies the corrections of a run before its events; of several corrections of one event the last. */
export async function correctRecords(
  batch: Batch,
  run: readonly InterpretedEvent[],
): Promise<CorrectedRecords> {
  const { db, settings } = batch;
  const corrections = run.flatMap((item) => item.corrections);
  const latest = new Map(corrections.map((one) => [one.eventId, one]));
  correctEvents(db, [...latest.values()]);
  const ids = [...new Set(corrections.flatMap((one) => (one.changesFacts ? one.survivorId : [])))];
  if (ids.length === 0) return { factsBefore: new Map(), changes: [] };
  const before = await loadCustomers(db, ids);
  await recomputeFacts(db, ids, settings.timeZone);
  return {
    factsBefore: new Map([...before].map(([id, { facts }]) => [id, facts])),
    changes: await evaluateOthers(batch, run),
  };
}

/** Evaluates the corrected customers that have no events in the run. */
async function evaluateOthers(
  batch: Batch,
  run: readonly InterpretedEvent[],
): Promise<NewChange[]> {
  const own = new Set(run.map(({ resolution }) => resolution.survivorId));
  const changes: NewChange[] = [];
  for (const { event, corrections } of run) {
    const others = corrections.flatMap(({ survivorId }) => (own.has(survivorId) ? [] : survivorId));
    if (others.length === 0) continue;
    const trigger = {
      at: event.occurredAt,
      late: true,
      cause: 'CORRECTION',
      eventId: event.id,
    } as const;
    changes.push(...(await evaluateRebuilt(batch, [...new Set(others)], trigger)));
  }
  return changes;
}

/** Stores the reports of a run whose events are stored, and what is known about their records. */
export function storeRecords(
  { db }: Pick<Batch, 'db'>,
  run: readonly InterpretedEvent[],
  arrivals: ReadonlyMap<string, string>,
): void {
  insertReports(
    db,
    run.flatMap(({ event, reported, resolution: { customerId } }) => {
      const arrival = arrivals.get(event.id);
      if (!reported?.isKept || !isKeyed(event.record) || arrival === undefined) return [];
      const { id: eventId, record, trust, occurredAt: at, receivedAt } = event;
      return [{ record, eventId, customerId, trust, at, receivedAt, arrival }];
    }),
  );
  storeStates(
    db,
    run.flatMap(({ reported }) => reported ?? []),
  );
}
