import type { Facts } from '../customers/fact.ts';
import { applyToCustomer, type CustomerState } from '../customers/state.ts';
import { dueOf } from '../evaluation/evaluate-customers.ts';
import type { ReplayedInput } from '../evaluation/evaluate-inputs.ts';
import type { EvaluationStep, Placements } from '../evaluation/outcome.ts';
import type { EvaluationInput } from '../evaluation/replay.ts';
import { type Snapshot, snapshotOf } from '../evaluation/snapshot.ts';
import type { Batch } from './batch.ts';
import type { Event } from './event.ts';
import type { RunCustomers } from './load-run.ts';
import type { InterpretedEvent } from './resolve-records.ts';

/** A customer to which the events of a run were applied, to be evaluated when their arrival numbers are known. */
export interface PendingInput {
  /** The customer after its events. */
  state: CustomerState;
  placements: Placements;
  /** When it was due before the first event. */
  due: Pick<EvaluationInput, 'due' | 'dueCause'>;
  before: Snapshot['values'];
  steps: PendingStep[];
}

interface PendingStep {
  step: EvaluationStep & { eventId: string };
  /** The data that the rules need, after the event. */
  after: Snapshot['values'];
}

/** Applies the events of a run to its customers in memory. */
export function replayEvents(
  batch: Pick<Batch, 'settings' | 'rules'>,
  { states, placements, factsBefore }: RunCustomers & { factsBefore: ReadonlyMap<string, Facts> },
  run: readonly InterpretedEvent[],
): PendingInput[] {
  const byCustomer = Map.groupBy(run, ({ resolution }) => resolution.survivorId);
  return [...byCustomer].map(([id, events]) => {
    const state = states.get(id);
    if (!state) throw new Error('The event was resolved to a missing customer');
    const before = { ...state, facts: factsBefore.get(id) ?? state.facts };
    return replayCustomer(batch, { state, before, placements: placements.get(id) }, events);
  });
}

function replayCustomer(
  { settings, rules }: Pick<Batch, 'settings' | 'rules'>,
  customer: {
    state: CustomerState;
    /** With the facts before the corrections of this run. */
    before: CustomerState;
    placements: Placements | undefined;
  },
  events: readonly InterpretedEvent[],
): PendingInput {
  const { state, placements = new Map() } = customer;
  const due = dueOf(state, rules);
  const before = snapshotOf(customer.before, rules.needs);
  const steps = events.map(({ event, resolution, corrections }): PendingStep => {
    state.names.push(...resolution.attached);
    const { at, late } = applyToCustomer(state, event, settings);
    const cause = corrections.some(({ changesFacts }) => changesFacts) ? 'CORRECTION' : 'EVENT';
    const step = { at: at.getTime(), late, cause, eventId: event.id } as const;
    return { step, after: snapshotOf(state, rules.needs) };
  });
  return { state, placements, due, before, steps };
}

/** Adds the arrival numbers of the events; the first event of the run has the lowest. */
export function withArrivals(
  pending: readonly PendingInput[],
  arrivals: ReadonlyMap<string, string>,
  [first]: readonly { event: Event }[],
): ReplayedInput[] {
  // Before every event of this run.
  const none = String(BigInt(arrivals.get(first?.event.id ?? '') ?? 0) - 1n);
  return pending.map(({ state, placements, due, before, steps }) => ({
    customerId: state.id,
    placements,
    ...due,
    steps: steps.map(({ step }) => step),
    horizon: Number.NEGATIVE_INFINITY,
    snapshots: [
      { values: before, arrival: none },
      ...steps.map(({ step, after }) => ({
        values: after,
        arrival: arrivals.get(step.eventId) ?? null,
      })),
    ],
  }));
}
