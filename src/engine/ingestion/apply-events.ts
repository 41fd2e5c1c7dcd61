import type { WorkspaceSettings } from '../../access/workspaces.ts';
import type { Transaction } from '../../platform/database.ts';
import { secondsSince } from '../../platform/time/seconds-since.ts';
import type { NewChange } from '../changes/kinds.ts';
import { evaluateSnapshots, type ReplayedInput } from '../evaluation/evaluate-inputs.ts';
import {
  addEvaluationWork,
  type EvaluationWork,
  noEvaluationWork,
} from '../evaluation/evaluation-work.ts';
import { markImporting } from '../evaluation/mark-importing.ts';
import type { EvaluationOutcome } from '../evaluation/outcome.ts';
import { recordChanges } from '../evaluation/record-changes.ts';
import { loadRules } from '../evaluation/rules.ts';
import { storeOutcomes } from '../evaluation/store-outcomes.ts';
import { applyMerge } from './apply-merge.ts';
import type { Batch } from './batch.ts';
import { correctRecords, storeRecords } from './correct-records.ts';
import type { Event } from './event.ts';
import { listForeignReports } from './list-foreign-reports.ts';
import { loadRun } from './load-run.ts';
import { recordRun } from './record-run.ts';
import { replayEvents, withArrivals } from './replay-events.ts';
import { type ResolvedEvent, resolveEvents, runsBetweenMerges } from './resolve-events.ts';
import {
  type InterpretedEvent,
  resolveRecords,
  runsBetweenCorrections,
} from './resolve-records.ts';
import { createCustomer, storeConsents, storeCustomers, storeRun } from './store-run.ts';

/** Events would raise sums of money beyond the maximum. Without them, the others can be stored. */
export class SumsTooLarge extends Error {
  readonly eventIds: readonly string[];

  constructor(eventIds: readonly string[]) {
    super('Events would raise a sum of money beyond the maximum');
    this.eventIds = eventIds;
  }
}

/**
 * Stores events, applies them in the order given and evaluates their customers, in the transaction given. The outcome
 * does not depend on how events are divided into batches. Returns the work of evaluating the customers of the events.
 *
 * @throws SumsTooLarge: the transaction must be rolled back
 */
export async function applyEvents(
  db: Transaction,
  settings: WorkspaceSettings,
  events: Event[],
  now: Date,
): Promise<EvaluationWork> {
  if (events.length === 0) return noEvaluationWork;
  const [rules, first] = await Promise.all([loadRules(db), resolveEvents(db, events)]);
  const batch: Batch = { db, settings, rules };
  const changes: NewChange[] = [];
  const tooLarge: string[] = [];
  let work = noEvaluationWork;
  let resolved = first;
  for (let done = 0; resolved.length > 0; resolved = await resolveEvents(db, events.slice(done))) {
    for (const run of runsBetweenMerges(resolved)) {
      changes.push(...(await applyMerges(batch, run)));
      const interpreted = await resolveRecords(batch, run);
      tooLarge.push(...interpreted.flatMap((item) => (item.overflows ? item.event.id : [])));
      for (const part of runsBetweenCorrections(interpreted)) {
        const applied = await applyRun(batch, part);
        changes.push(...applied.changes);
        work = addEvaluationWork(work, applied.work);
      }
    }
    done += resolved.length;
  }
  if (tooLarge.length > 0) throw new SumsTooLarge(tooLarge);
  markImporting(db, events, now);
  recordChanges(db, rules, changes, now);
  return work;
}

/** Only the first event of a run merges customers. */
async function applyMerges(batch: Batch, [first]: readonly ResolvedEvent[]): Promise<NewChange[]> {
  if (!first) return [];
  const { event, resolution } = first;
  const changes = resolution.created ? createCustomer(batch, resolution.created, event) : [];
  for (const merge of resolution.merges) changes.push(...(await applyMerge(batch, merge, event)));
  return changes;
}

async function applyRun(
  batch: Batch,
  run: readonly InterpretedEvent[],
): Promise<{ changes: NewChange[]; work: EvaluationWork }> {
  const { factsBefore, changes } = await correctRecords(batch, run);
  const customers = await loadRun(batch, run);
  const pending = replayEvents(batch, { ...customers, factsBefore }, run);
  const arrivals = await storeRun(batch, run, pending);
  storeConsents(batch.db, run, arrivals);
  storeRecords(batch, run, arrivals);
  await listForeignReports(batch.db, run);
  const startedAt = performance.now();
  const outcomes = await evaluateAndStore(batch, withArrivals(pending, arrivals, run));
  const work = { customers: outcomes.length, seconds: secondsSince(startedAt) };
  storeCustomers(batch, pending, outcomes);
  return { changes: [...changes, ...recordRun(run, outcomes, batch.rules)], work };
}

/** Customers per statement: one batch is evaluated while others are loaded or stored. */
const batchSize = 250;

async function evaluateAndStore(
  { db, rules }: Batch,
  inputs: readonly ReplayedInput[],
): Promise<EvaluationOutcome[]> {
  const slices = Array.from({ length: Math.ceil(inputs.length / batchSize) }, (_, slice) =>
    inputs.slice(slice * batchSize, (slice + 1) * batchSize),
  );
  const outcomes = slices.map(async (slice) => {
    const evaluated = await evaluateSnapshots(db, rules, slice);
    storeOutcomes(db, evaluated, rules);
    return evaluated;
  });
  return (await Promise.all(outcomes)).flat();
}
