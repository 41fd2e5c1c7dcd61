import type { WorkspaceSettings } from '../../access/workspaces.ts';
import type { Sql } from '../../platform/database.ts';
import { dayOf } from '../../platform/time/day-of.ts';
import { dateNames } from '../customers/date-names.ts';
import { loadCustomers } from '../customers/load-customers.ts';
import { loadNames } from '../customers/load-names.ts';
import type { Name } from '../customers/names.ts';
import { type CustomerState, newCustomerState } from '../customers/state.ts';
import {
  addForeignRevenue,
  insertCustomers,
  insertNames,
  updateCustomers,
} from '../customers/store-customers.ts';
import { announceDue, storeDue, toInstant } from '../evaluation/due.ts';
import { evaluateSnapshots, type ReplayedInput } from '../evaluation/evaluate-inputs.ts';
import { noteImport } from '../evaluation/note-import.ts';
import type { EvaluationOutcome } from '../evaluation/outcome.ts';
import { loadPlacements } from '../evaluation/placements.ts';
import { recordChanges } from '../evaluation/record-changes.ts';
import { loadRules } from '../evaluation/rules.ts';
import { storeOutcomes } from '../evaluation/store-outcomes.ts';
import { applyMerge } from './apply-merge.ts';
import type { Batch } from './batch.ts';
import type { Event } from './event.ts';
import { recordRun } from './record-run.ts';
import { type ResolvedEvent, resolveEvents, runsBetweenMerges } from './resolve-events.ts';
import { insertEvents } from './store-events.ts';
import { tellStories } from './tell-stories.ts';

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
  const [rules, resolved] = await Promise.all([
    loadRules(sql, workspaceId),
    resolveEvents(sql, workspaceId, events),
  ]);
  const batch: Batch = { sql, workspaceId, settings, rules, recorded: [] };
  for (const run of runsBetweenMerges(resolved)) {
    const [first] = run;
    for (const merge of first?.resolution.merges ?? []) {
      if (first) await applyMerge(batch, merge, first.event);
    }
    await applyRun(batch, run);
  }
  noteImport(sql, workspaceId, events, now);
  recordChanges(sql, workspaceId, rules, batch.recorded, now);
}

async function applyRun(batch: Batch, run: ResolvedEvent[]) {
  const { sql, workspaceId, rules, recorded } = batch;
  const states = await loadStates(batch, run);
  const placements = await loadPlacements(sql, workspaceId, rules, existing(states));
  const told = tellStories(batch, states, placements, run);
  insertCustomers(sql, workspaceId, newOnes(states));
  insertNames(sql, workspaceId, run.flatMap(attachedNames));
  const arrivals = await insertEvents(
    sql,
    workspaceId,
    run.map(({ event, resolution }) => ({ event, customerId: resolution.customerId })),
  );
  const stories = told(arrivals);
  dateNames(sql, workspaceId, lateNames(run, stories));
  const outcomes = await advanceAndStore(batch, stories);
  storeStates(batch, states, outcomes);
  recorded.push(...recordRun(run, outcomes, rules));
}

/** So many customers are evaluated while others are being looked up or written down. */
const customersAtOnce = 250;

async function advanceAndStore(
  { sql, workspaceId, rules }: Batch,
  stories: readonly ReplayedInput[],
) {
  const slices = Array.from({ length: Math.ceil(stories.length / customersAtOnce) }, (_, slice) =>
    stories.slice(slice * customersAtOnce, (slice + 1) * customersAtOnce),
  );
  const outcomes = slices.map(async (slice) => {
    const outcomes = await evaluateSnapshots(sql, rules, slice);
    storeOutcomes(sql, workspaceId, outcomes, rules);
    return outcomes;
  });
  return (await Promise.all(outcomes)).flat();
}

const newOnes = (states: Map<string, CustomerState>) =>
  [...states.values()].filter(({ isNew }) => isNew);

const existing = (states: Map<string, CustomerState>) =>
  [...states.values()].filter(({ isNew }) => !isNew).map(({ id }) => id);

async function loadStates({ sql, workspaceId, settings, rules }: Batch, run: ResolvedEvent[]) {
  const fresh = new Set(run.flatMap(({ resolution: r }) => (r.isNew ? [r.survivorId] : [])));
  const known = run.filter(({ resolution }) => !fresh.has(resolution.survivorId));
  const ids = [...new Set(known.map(({ resolution }) => resolution.survivorId))];
  const toDay = ({ event, resolution }: ResolvedEvent) => ({
    customer: resolution.survivorId,
    day: dayOf(event.occurredAt, settings.timeZone),
  });
  const states = await loadCustomers(sql, workspaceId, ids, {
    timeZone: settings.timeZone,
    days: known.map(toDay),
    orderDays: known.filter(({ event }) => event.effect === 'order').map(toDay),
    views: known.flatMap(({ event, resolution }) =>
      event.effect === 'view'
        ? [{ customer: resolution.survivorId, at: event.occurredAt.getTime() }]
        : [],
    ),
  });
  if (rules.needs.names) await loadNames(sql, workspaceId, states);
  for (const { event, resolution } of run) {
    const { survivorId, isNew } = resolution;
    if (isNew) states.set(survivorId, newCustomerState(survivorId, event.occurredAt));
  }
  return states;
}

function storeStates(
  { sql, workspaceId }: Batch,
  states: Map<string, CustomerState>,
  outcomes: readonly EvaluationOutcome[],
) {
  for (const { customerId, due } of outcomes) {
    const state = states.get(customerId);
    if (state) state.dueAt = toInstant(due);
  }
  const all = [...states.values()];
  updateCustomers(
    sql,
    workspaceId,
    all.filter(({ isNew }) => !isNew),
  );
  addForeignRevenue(sql, workspaceId, all);
  // Who is new was stored before it could be known when something falls due.
  const fresh = outcomes.filter(
    ({ customerId, due }) => Number.isFinite(due) && states.get(customerId)?.isNew,
  );
  storeDue(sql, workspaceId, fresh);
  announceDue(sql, workspaceId, outcomes);
}

const attachedNames = ({ event, resolution }: ResolvedEvent) =>
  resolution.attached.map((name) => ({
    ...name,
    customerId: resolution.survivorId,
    since: event.occurredAt,
  }));

function lateNames(run: ResolvedEvent[], stories: readonly ReplayedInput[]) {
  const steps = stories.flatMap((story) => story.steps);
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
