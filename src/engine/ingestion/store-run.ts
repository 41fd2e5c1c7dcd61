import type { Transaction } from '../../platform/database.ts';
import type { NewChange } from '../changes/kinds.ts';
import { backdateNames, type DatedName } from '../customers/backdate-names.ts';
import { insertConsents } from '../customers/consents.ts';
import { foldEvent } from '../customers/fold-event.ts';
import type { Name } from '../customers/names.ts';
import { type CustomerState, newCustomerState } from '../customers/state.ts';
import {
  addForeignRevenue,
  insertCustomers,
  insertNames,
  updateCustomers,
} from '../customers/store-customers.ts';
import { announceDue, storeDue, toInstant } from '../evaluation/due.ts';
import type { EvaluationOutcome } from '../evaluation/outcome.ts';
import type { Batch } from './batch.ts';
import type { Event } from './event.ts';
import { customerCreated } from './record-run.ts';
import type { PendingInput } from './replay-events.ts';
import type { ResolvedEvent } from './resolve-events.ts';
import { insertEvents } from './store-events.ts';

/** Stores the events with their new customers and names. Returns the arrival numbers of the events. */
export function storeRun(
  { db }: Batch,
  run: readonly ResolvedEvent[],
  pending: readonly PendingInput[],
): Promise<Map<string, string>> {
  const states = pending.map(({ state }) => state);
  insertCustomers(
    db,
    states.filter(({ isNew }) => isNew),
  );
  insertNames(db, run.flatMap(attachedNames));
  backdateNames(db, lateNames(run, pending));
  return insertEvents(
    db,
    run.map(({ event, resolution }) => ({ event, customerId: resolution.customerId })),
  );
}

/** Creates the customer of an event before it merges with another one, as if the event had no effect. */
export function createCustomer(
  { db, settings }: Pick<Batch, 'db' | 'settings'>,
  { id, names }: { id: string; names: readonly Name[] },
  { occurredAt }: Event,
): NewChange[] {
  const state = newCustomerState(id, occurredAt);
  foldEvent(
    state,
    { origin: 'CUSTOMER', effect: null, occurredAt, amount: null, currency: null },
    settings,
  );
  insertCustomers(db, [state]);
  insertNames(
    db,
    names.map((name) => ({ ...name, customerId: id, since: occurredAt })),
  );
  return [customerCreated(id, occurredAt)];
}

/** Stores the consents in the events of a run. */
export function storeConsents(
  db: Transaction,
  run: readonly ResolvedEvent[],
  arrivals: ReadonlyMap<string, string>,
): void {
  insertConsents(
    db,
    run.flatMap(({ event, resolution: { customerId } }) => {
      const arrival = arrivals.get(event.id);
      if (arrival === undefined) return [];
      const own = { eventId: event.id, customerId, at: event.occurredAt, arrival };
      return event.consents.map((consent) => ({ ...consent, ...own }));
    }),
  );
}

/** Stores the customers after the events, with their due times. */
export function storeCustomers(
  { db }: Batch,
  pending: readonly PendingInput[],
  outcomes: readonly EvaluationOutcome[],
): void {
  const dues = new Map(outcomes.map(({ customerId, due }) => [customerId, due]));
  const states = pending.map(({ state }): CustomerState => {
    const due = dues.get(state.id);
    return due === undefined ? state : { ...state, dueAt: toInstant(due) };
  });
  updateCustomers(
    db,
    states.filter(({ isNew }) => !isNew),
  );
  addForeignRevenue(db, states);
  // New customers were stored before their due times were known.
  const created = new Set(states.flatMap(({ id, isNew }) => (isNew ? [id] : [])));
  const dueLater = outcomes.filter(
    ({ customerId, due }) => Number.isFinite(due) && created.has(customerId),
  );
  storeDue(db, dueLater);
  announceDue(db, outcomes);
}

const attachedNames = ({ event, resolution }: ResolvedEvent) =>
  resolution.attached.map((name) => ({
    ...name,
    customerId: resolution.survivorId,
    since: event.occurredAt,
  }));

/** The names in late events, which may have been in use earlier than stored. */
function lateNames(run: readonly ResolvedEvent[], pending: readonly PendingInput[]): DatedName[] {
  const steps = pending.flatMap((input) => input.steps.map(({ step }) => step));
  const late = new Set(steps.flatMap((step) => (step.late ? [step.eventId] : [])));
  return run
    .filter(({ event }) => late.has(event.id))
    .flatMap(({ event: { names, previousId, occurredAt: since }, resolution }) => {
      const previous: Name[] =
        previousId === null ? [] : [{ kind: 'anonymous_id', value: previousId }];
      const { survivorId } = resolution;
      return [...names, ...previous].map((name) => ({ ...name, survivorId, since }));
    });
}
