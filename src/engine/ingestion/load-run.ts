import { loadCustomers } from '../customers/load-customers.ts';
import { loadFoldContext } from '../customers/load-fold-context.ts';
import { loadNames } from '../customers/load-names.ts';
import { type CustomerState, newCustomerState } from '../customers/state.ts';
import type { Placements } from '../evaluation/outcome.ts';
import { loadPlacements } from '../evaluation/placements.ts';
import type { Batch } from './batch.ts';
import type { ResolvedEvent } from './resolve-events.ts';

/** The customers of a run, before its events. */
export interface RunCustomers {
  /** By id. */
  states: ReadonlyMap<string, CustomerState>;
  /** Of existing customers, by id. */
  placements: ReadonlyMap<string, Placements>;
}

export async function loadRun(batch: Batch, run: readonly ResolvedEvent[]): Promise<RunCustomers> {
  const { db, rules } = batch;
  const created = createdIn(run);
  const existing = await loadExisting(
    batch,
    run.filter(({ resolution }) => !created.has(resolution.survivorId)),
  );
  const placements = await loadPlacements(db, rules, [...existing.keys()]);
  return { states: new Map([...existing, ...created]), placements };
}

async function loadExisting(batch: Batch, run: readonly ResolvedEvent[]) {
  const { db, settings, rules } = batch;
  const ids = new Set(run.map(({ resolution }) => resolution.survivorId));
  const states = await loadCustomers(db, [...ids]);
  const events = run.map(({ event, resolution }) => ({
    customer: resolution.survivorId,
    effect: event.effect,
    currency: event.currency,
    at: event.occurredAt,
  }));
  const { timeZone, currency } = settings;
  await loadFoldContext(db, { timeZone, currency, states, events });
  if (rules.needs.names) await loadNames(db, states);
  return states;
}

/** The customers that the events of the run create. */
const createdIn = (run: readonly ResolvedEvent[]) =>
  new Map(
    run
      .filter(({ resolution }) => resolution.isNew)
      .map(({ event, resolution: { survivorId: id } }) => [
        id,
        newCustomerState(id, event.occurredAt),
      ]),
  );
