import { v7 as uuidv7 } from 'uuid';
import { loadCustomers } from '../customers/load-customers.ts';
import { mergeCustomers } from '../customers/merge-customers.ts';
import type { Merge } from '../customers/resolve-names.ts';
import { evaluateInstant, type Instant } from '../lifecycles/evaluate.ts';
import { loadPlaces, removePlaces, storePlaces } from '../lifecycles/places.ts';
import { ruleFacts } from '../lifecycles/rule-facts.ts';
import { stageChanged } from '../lifecycles/stage-changed.ts';
import type { Batch } from './batch.ts';
import type { Event } from './event.ts';

/** Merges two customers on the evidence of an event, and evaluates the survivor as it is then. */
export async function applyMerge(batch: Batch, { from, into }: Merge, event: Event) {
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
  const states = await loadCustomers(sql, workspaceId, ids);
  return [...states.values()].map(({ evaluatedAt }) => evaluatedAt.getTime());
}

/** Evaluates customers whose facts were rebuilt as a whole. */
export async function evaluateRebuilt(
  { sql, workspaceId, lifecycles, recorded }: Batch,
  ids: string[],
  how: Omit<Instant, 'customerId' | 'facts'>,
) {
  const states = await loadCustomers(sql, workspaceId, ids);
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
