import { v7 as uuidv7 } from 'uuid';
import type { WorkspaceSettings } from '../access/workspaces.ts';
import { appendChanges } from '../changes/append.ts';
import type { NewChange } from '../changes/kinds.ts';
import { findNames } from '../customers/find-names.ts';
import { loadCustomers } from '../customers/load-customers.ts';
import { findSeparated, mergeCustomers } from '../customers/merge-customers.ts';
import { type Name, nameKey } from '../customers/names.ts';
import {
  createNameResolver,
  type KnownName,
  type Merge,
  type Resolution,
} from '../customers/resolve-names.ts';
import { applyToCustomer, type CustomerState, newCustomerState } from '../customers/state.ts';
import {
  addForeignRevenue,
  insertCustomers,
  insertNames,
  updateCustomers,
} from '../customers/store-customers.ts';
import { evaluateInstant, type Instant, type Transition } from '../lifecycles/evaluate.ts';
import { type LifecycleRules, loadLifecycles } from '../lifecycles/load-lifecycles.ts';
import { loadPlaces, removePlaces, storePlaces } from '../lifecycles/places.ts';
import { stageChanged } from '../lifecycles/stage-changed.ts';
import { dayOf } from '../platform/calendar.ts';
import type { Sql } from '../platform/database.ts';
import type { Event } from './event.ts';
import { insertEvents } from './store-events.ts';

interface Batch {
  sql: Sql;
  workspaceId: string;
  settings: WorkspaceSettings;
  lifecycles: LifecycleRules[];
  recorded: NewChange[];
}

interface Resolved {
  event: Event;
  resolution: Resolution;
}

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

async function resolveEvents(sql: Sql, workspaceId: string, events: Event[]): Promise<Resolved[]> {
  const known = await findNames(sql, workspaceId, uniqueNames(events));
  const resolved = resolveWith(known, new Set(), events);
  if (resolved.every(({ resolution }) => resolution.merges.length === 0)) return resolved;
  // Merges are rare, and only they ask who was taken apart.
  const survivors = [...new Set(known.map(({ survivorId }) => survivorId))];
  const separated = await findSeparated(sql, workspaceId, survivors);
  return separated.size === 0 ? resolved : resolveWith(known, separated, events);
}

function resolveWith(known: KnownName[], separated: ReadonlySet<string>, events: Event[]) {
  const resolver = createNameResolver(known, separated, uuidv7);
  return events.map((event) => ({ event, resolution: resolver.resolve(event) }));
}

function uniqueNames(events: Event[]): Name[] {
  const names = new Map<string, Name>();
  const add = (name: Name) => names.set(nameKey(name), name);
  for (const { names: own, previousId } of events) {
    own.forEach(add);
    if (previousId === null) continue;
    add({ kind: 'user_id', value: previousId });
    add({ kind: 'anonymous_id', value: previousId });
  }
  return [...names.values()];
}

/** A merge needs what came before it stored: the events from one merge to the next make one run. */
function runsBetweenMerges(resolved: Resolved[]): Resolved[][] {
  const runs: Resolved[][] = [];
  for (const item of resolved) {
    const current = runs.at(-1);
    if (!current || item.resolution.merges.length > 0) runs.push([item]);
    else current.push(item);
  }
  return runs;
}

async function applyRun(batch: Batch, run: Resolved[]) {
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

async function loadStates({ sql, workspaceId, settings }: Batch, run: Resolved[]) {
  const fresh = new Set(run.flatMap(({ resolution: r }) => (r.isNew ? [r.survivorId] : [])));
  const known = run.filter(({ resolution }) => !fresh.has(resolution.survivorId));
  const states = await loadCustomers(sql, workspaceId, {
    ids: [...new Set(known.map(({ resolution }) => resolution.survivorId))],
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
  { event, resolution: { survivorId, isNew } }: Resolved,
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

export const ruleFacts = ({ facts, userId, email }: CustomerState) => ({
  orders: facts.orders,
  identified: userId !== null || email !== null,
  lead: facts.leadAt !== null,
});

const attachedNames = ({ resolution }: Resolved) =>
  resolution.attached.map((name) => ({ ...name, customerId: resolution.survivorId }));

async function applyMerge(batch: Batch, { from, into }: Merge, event: Event) {
  const { sql, workspaceId, settings, recorded } = batch;
  const before = await loadStory(batch, [from, into]);
  const at = new Date(Math.max(event.occurredAt.getTime(), ...before));
  const late = event.occurredAt < at;
  const merge = { id: uuidv7(), from, into, at, eventId: event.id, timeZone: settings.timeZone };
  await mergeCustomers(sql, workspaceId, merge);
  await removePlaces(sql, workspaceId, [from]);
  const data = { merge: merge.id, from, into };
  recorded.push({ kind: 'CUSTOMER_MERGED', customerId: into, at, data });
  await evaluateRebuilt(batch, [into], { at, late, cause: 'MERGE', eventId: event.id });
}

/** How far the stories of these customers have been evaluated, in ms. */
async function loadStory({ sql, workspaceId }: Batch, ids: string[]) {
  const states = await loadCustomers(sql, workspaceId, {
    ids,
    timeZone: 'UTC',
    days: [],
    views: [],
  });
  return [...states.values()].map(({ evaluatedAt }) => evaluatedAt.getTime());
}

/** Evaluates customers whose facts were rebuilt as a whole. */
export async function evaluateRebuilt(
  { sql, workspaceId, lifecycles, recorded }: Batch,
  ids: string[],
  how: Omit<Instant, 'customerId' | 'facts'>,
) {
  const states = await loadCustomers(sql, workspaceId, {
    ids,
    timeZone: 'UTC',
    days: [],
    views: [],
  });
  const places = await loadPlaces(sql, workspaceId, ids);
  // In the order asked for: the rows come in any.
  const transitions = ids.flatMap((customerId) => {
    const state = states.get(customerId);
    if (!state) return [];
    return evaluateInstant(lifecycles, places, { ...how, customerId, facts: ruleFacts(state) });
  });
  await storePlaces(sql, workspaceId, transitions);
  recorded.push(...transitions.map(stageChanged));
}
