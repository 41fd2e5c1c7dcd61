import { v7 as uuidv7 } from 'uuid';
import { mergeCustomers } from '../customers/merge-customers.ts';
import type { Merge } from '../customers/resolve-names.ts';
import {
  type EvaluationTrigger,
  evaluateCustomers,
  lockCustomers,
} from '../evaluation/evaluate-customers.ts';
import { releasePlacements } from '../evaluation/release-placements.ts';
import type { Batch } from './batch.ts';
import type { Event } from './event.ts';

/** Merges two customers on the evidence of an event, and evaluates the survivor as it is then. */
export async function applyMerge(batch: Batch, { from, into }: Merge, event: Event) {
  const { sql, workspaceId, settings, rules, recorded } = batch;
  const both = await lockCustomers(sql, workspaceId, [from, into]);
  const reached = both.map(({ evaluatedAt }) => evaluatedAt.getTime());
  const at = new Date(Math.max(event.occurredAt.getTime(), ...reached));
  recorded.push(...(await evaluateCustomers(sql, workspaceId, both, { horizon: at, rules })));
  const merge = { id: uuidv7(), from, into, at, eventId: event.id, timeZone: settings.timeZone };
  await mergeCustomers(sql, workspaceId, merge);
  const late = event.occurredAt < at;
  const { released, changes } = await releasePlacements(sql, workspaceId, { ...merge, late });
  const data = { merge: merge.id, from, into, ...released };
  recorded.push({ kind: 'CUSTOMER_MERGED', customerId: into, at, data }, ...changes);
  await evaluateRebuilt(batch, [into], { at, late, cause: 'MERGE', eventId: event.id });
}

/** Evaluates customers whose facts were rebuilt as a whole. */
export async function evaluateRebuilt(
  { sql, workspaceId, rules, recorded }: Batch,
  ids: string[],
  trigger: EvaluationTrigger,
) {
  const customers = await lockCustomers(sql, workspaceId, ids);
  // In the order asked for: the rows come in that of their ids.
  const inOrder = ids.flatMap((id) => customers.find((customer) => customer.id === id) ?? []);
  recorded.push(...(await evaluateCustomers(sql, workspaceId, inOrder, { trigger, rules })));
}
