import { applyToCustomer, type CustomerState } from '../customers/state.ts';
import { dueOf } from '../evaluation/evaluate-customers.ts';
import type { ReplayedInput } from '../evaluation/evaluate-inputs.ts';
import type { EvaluationStep, Placements } from '../evaluation/outcome.ts';
import type { EvaluationInput } from '../evaluation/replay.ts';
import type { Rules } from '../evaluation/rules.ts';
import { type Snapshot, snapshotOf } from '../evaluation/snapshot.ts';
import type { Batch } from './batch.ts';
import type { Event } from './event.ts';
import type { ResolvedEvent } from './resolve-events.ts';

interface Chapter {
  state: CustomerState;
  due: Pick<EvaluationInput, 'due' | 'dueCause'>;
  before: Snapshot['values'];
  steps: Array<EvaluationStep & { eventId: string }>;
  after: Array<Snapshot['values']>;
}

/**
 * Applies the events of a run to the customers in memory, and takes down what the rules need of each
 * customer after each event. The stories are complete once the events' numbers are known.
 */
export function tellStories(
  { settings, rules }: Batch,
  states: Map<string, CustomerState>,
  placements: Map<string, Placements>,
  run: readonly ResolvedEvent[],
): (arrivals: Map<string, string>) => ReplayedInput[] {
  const { needs } = rules;
  const chapters = new Map<string, Chapter>();
  for (const { event, resolution } of run) {
    const state = states.get(resolution.survivorId);
    if (!state) throw new Error('An event was resolved to a customer that does not exist');
    const chapter = chapters.get(state.id) ?? beginChapter(state, rules);
    chapters.set(state.id, chapter);
    state.names.push(...resolution.attached);
    chapter.steps.push(toStep(event, applyToCustomer(state, event, settings)));
    chapter.after.push(snapshotOf(state, needs));
  }
  return (arrivals) =>
    [...chapters.values()].map((chapter) => toStory(chapter, placements, arrivals, run[0]?.event));
}

const beginChapter = (state: CustomerState, rules: Rules): Chapter => ({
  state,
  due: dueOf(state, rules),
  before: snapshotOf(state, rules.needs),
  steps: [],
  after: [],
});

const toStep = (event: Event, { at, late }: { at: Date; late: boolean }) => ({
  at: at.getTime(),
  late,
  cause: 'EVENT' as const,
  eventId: event.id,
});

function toStory(
  { state, due, before, steps, after }: Chapter,
  placements: Map<string, Placements>,
  arrivals: Map<string, string>,
  first: Event | undefined,
): ReplayedInput {
  const arrivalOf = (eventId: string) => arrivals.get(eventId) ?? null;
  // Nothing of this run had arrived yet.
  const none = String(BigInt(arrivals.get(first?.id ?? '') ?? 0) - 1n);
  const snapshots = after.map((values, index) => ({
    values,
    arrival: arrivalOf(steps[index]?.eventId ?? ''),
  }));
  return {
    customerId: state.id,
    placements: placements.get(state.id) ?? new Map(),
    ...due,
    steps,
    horizon: Number.NEGATIVE_INFINITY,
    snapshots: [{ values: before, arrival: none }, ...snapshots],
  };
}
