import type { Facts } from '../customers/fact.ts';
import { loadCustomers } from '../customers/load-customers.ts';
import { recomputeFacts } from '../customers/recompute-facts.ts';
import { correctEvents, insertReports, isKeyed } from '../records/reports.ts';
import { storeStates } from '../records/store-states.ts';
import type { Batch } from './batch.ts';
import type { InterpretedEvent } from './resolve-records.ts';

/**
 * Applies the corrections of a run before its events, of which each customer's first one may correct stored events.
 * Returns the facts of the corrected customers before that, by id.
 */
export async function correctRecords(
  { db, settings }: Pick<Batch, 'db' | 'settings'>,
  run: readonly InterpretedEvent[],
): Promise<ReadonlyMap<string, Facts>> {
  const correcting = run.filter(({ corrections }) => corrections.length > 0);
  if (correcting.length === 0) return new Map();
  const ids = [...new Set(correcting.map(({ resolution }) => resolution.survivorId))];
  const before = await loadCustomers(db, ids);
  correctEvents(
    db,
    correcting.flatMap(({ corrections }) => corrections),
  );
  await recomputeFacts(db, ids, settings.timeZone);
  return new Map([...before].map(([id, { facts }]) => [id, facts]));
}

/** Stores the reports of a run whose events are stored, and what is known about their records. */
export function storeRecords(
  { db }: Pick<Batch, 'db'>,
  run: readonly InterpretedEvent[],
  arrivals: ReadonlyMap<string, string>,
): void {
  insertReports(
    db,
    run.flatMap(({ event, resolution: { customerId } }) => {
      const arrival = arrivals.get(event.id);
      if (!isKeyed(event.record) || arrival === undefined) return [];
      const { id: eventId, record, occurredAt: at, receivedAt } = event;
      return [{ record, eventId, customerId, at, receivedAt, arrival }];
    }),
  );
  storeStates(
    db,
    run.flatMap(({ reported }) => reported ?? []),
  );
}
