import { v7 as uuidv7 } from 'uuid';
import type { NewChange } from '../changes/kinds.ts';
import { mergeCustomers } from '../customers/merge-customers.ts';
import type { NameMerge } from '../customers/resolve-names.ts';
import {
  type EvaluationTrigger,
  evaluateCustomers,
  lockCustomers,
} from '../evaluation/evaluate-customers.ts';
import { releasePlacements } from '../evaluation/release-placements.ts';
import type { Batch } from './batch.ts';
import type { Event } from './event.ts';
import { rebuildCustomers } from './rebuild-customers.ts';

/** Merges two customers because of an event, and evaluates the survivor. */
export async function applyMerge(
  batch: Batch,
  { from, into }: NameMerge,
  event: Event,
): Promise<NewChange[]> {
  const { db, settings, rules } = batch;
  const both = await lockCustomers(db, [from, into]);
  const reached = both.map(({ evaluatedAt }) => evaluatedAt.getTime());
  const at = new Date(Math.max(event.occurredAt.getTime(), ...reached));
  const before = await evaluateCustomers(db, both, { horizon: at, rules });
  const merge = { id: uuidv7(), from, into, at, eventId: event.id };
  await mergeCustomers(db, merge);
  await rebuildCustomers(db, [into], settings);
  const late = event.occurredAt < at;
  const { released, changes } = await releasePlacements(db, { ...merge, late });
  const trigger = { at, late, cause: 'MERGE', eventId: event.id } as const;
  const after = await evaluateRebuilt(batch, [into], trigger);
  const data = { merge: merge.id, from, into, ...released };
  return [...before, { kind: 'CUSTOMER_MERGED', customerId: into, at, data }, ...changes, ...after];
}

/** Evaluates customers whose facts were recomputed. */
export async function evaluateRebuilt(
  { db, rules }: Pick<Batch, 'db' | 'rules'>,
  ids: string[],
  trigger: EvaluationTrigger,
): Promise<NewChange[]> {
  const customers = await lockCustomers(db, ids);
  // In the order of `ids`, not in that of the rows.
  const inOrder = ids.flatMap((id) => customers.find((customer) => customer.id === id) ?? []);
  return evaluateCustomers(db, inOrder, { trigger, rules });
}
