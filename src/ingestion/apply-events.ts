import type { WorkspaceSettings } from '../access/workspaces.ts';
import { appendChanges } from '../changes/append.ts';
import type { NewChange } from '../changes/kinds.ts';
import { loadCustomers } from '../customers/load-customers.ts';
import { applyToCustomer, type CustomerState, newCustomerState } from '../customers/state.ts';
import {
  addForeignRevenue,
  insertCustomers,
  insertNames,
  updateCustomers,
} from '../customers/store-customers.ts';
import { evaluateInstant, type Instant, type Transition } from '../lifecycles/evaluate.ts';
import { loadLifecycles } from '../lifecycles/load-lifecycles.ts';
import { loadPlaces, storePlaces } from '../lifecycles/places.ts';
import { ruleFacts } from '../lifecycles/rule-facts.ts';
import { stageChanged } from '../lifecycles/stage-changed.ts';
import { dayOf } from '../platform/calendar.ts';
import type { Sql } from '../platform/database.ts';
import { applyMerge } from './apply-merge.ts';
import type { Batch } from './batch.ts';
import type { Event } from './event.ts';
import { type ResolvedEvent, resolveEvents, runsBetweenMerges } from './resolve-events.ts';
import { insertEvents } from './store-events.ts';

/**
 * Stores events and everything that follows from them, in the transaction given. Events are taken in
 * the order given; how they are cut into batches makes no difference to the outcome.
 */
export async function applyEvents(
  sql: Sql,
  workspaceId: string,
  settings: WorkspaceSettings,
  events: Event[],
  now: Date,
): Promise<void> {
  if (events.length === 0) return;
  const lifecycles = await loadLifecycles(sql, workspaceId);
  const batch: Batch = { sql, workspaceId, settings, lifecycles, recorded: [] };
  for (const run of runsBetweenMerges(await resolveEvents(sql, workspaceId, events))) {
    const [first] = run;
    for (const merge of first?.resolution.merges ?? []) {
      if (first) await applyMerge(batch, merge, first.event);
    }
    await applyRun(batch, run);
  }
  await appendChanges(sql, workspaceId, batch.recorded, now);
}

async function applyRun(batch: Batch, run: ResolvedEvent[]) {
  const { sql, workspaceId } = batch;
  const states = await loadStates(batch, run);
  const places = await loadPlaces(sql, workspaceId, existing(states));
  const transitions = run.flatMap((item) => applyOne(batch, states, places, item));
  const all = [...states.values()];
  await insertCustomers(
    sql,
    workspaceId,
    all.filter(({ isNew }) => isNew),
  );
  await insertNames(sql, workspaceId, run.flatMap(attachedNames));
  await insertEvents(
    sql,
    workspaceId,
    run.map(({ event, resolution }) => ({ event, customerId: resolution.customerId })),
  );
  await updateCustomers(
    sql,
    workspaceId,
    all.filter(({ isNew }) => !isNew),
  );
  await addForeignRevenue(sql, workspaceId, all);
  await storePlaces(sql, workspaceId, transitions);
}

const existing = (states: Map<string, CustomerState>) =>
  [...states.values()].filter(({ isNew }) => !isNew).map(({ id }) => id);

async function loadStates({ sql, workspaceId, settings }: Batch, run: ResolvedEvent[]) {
  const fresh = new Set(run.flatMap(({ resolution: r }) => (r.isNew ? [r.survivorId] : [])));
  const known = run.filter(({ resolution }) => !fresh.has(resolution.survivorId));
  const ids = [...new Set(known.map(({ resolution }) => resolution.survivorId))];
  const states = await loadCustomers(sql, workspaceId, ids, {
    timeZone: settings.timeZone,
    days: known.map(({ event, resolution }) => ({
      customer: resolution.survivorId,
      day: dayOf(event.occurredAt, settings.timeZone),
    })),
    views: known.flatMap(({ event, resolution }) =>
      event.effect === 'view'
        ? [{ customer: resolution.survivorId, at: event.occurredAt.getTime() }]
        : [],
    ),
  });
  for (const { event, resolution } of run) {
    const { survivorId, isNew } = resolution;
    if (isNew) states.set(survivorId, newCustomerState(survivorId, event.occurredAt));
  }
  return states;
}

/** Applies one event in memory; records that its customer was met for the first time, and its moves. */
function applyOne(
  { settings, lifecycles, recorded }: Batch,
  states: Map<string, CustomerState>,
  places: Map<string, string>,
  { event, resolution: { survivorId, isNew } }: ResolvedEvent,
): Transition[] {
  const state = states.get(survivorId);
  if (!state) throw new Error('An event was resolved to a customer that does not exist');
  if (isNew) recorded.push(customerCreated(survivorId, event.occurredAt));
  const effect = applyToCustomer(state, event, settings);
  const instant: Instant = {
    customerId: survivorId,
    ...effect,
    cause: 'EVENT',
    eventId: event.id,
    facts: ruleFacts(state),
  };
  const transitions = evaluateInstant(lifecycles, places, instant);
  recorded.push(...transitions.map(stageChanged));
  return transitions;
}

const customerCreated = (customerId: string, at: Date): NewChange => ({
  kind: 'CUSTOMER_CREATED',
  customerId,
  at,
  data: {},
});

const attachedNames = ({ resolution }: ResolvedEvent) =>
  resolution.attached.map((name) => ({ ...name, customerId: resolution.survivorId }));
