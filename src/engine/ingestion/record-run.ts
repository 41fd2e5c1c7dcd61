import type { NewChange } from '../changes/kinds.ts';
import { movesToChanges } from '../evaluation/moves-to-changes.ts';
import type { DatedMove, EvaluationOutcome } from '../evaluation/outcome.ts';
import type { RuleSets } from '../evaluation/rules.ts';
import type { ResolvedEvent } from './resolve-events.ts';

/**
 * The changes of a run of events, in the order of arrival. For each event: the creation of its customer, the moves at
 * due times before it, and the moves that it caused.
 */
export function recordRun(
  run: readonly ResolvedEvent[],
  outcomes: readonly EvaluationOutcome[],
  rules: Pick<RuleSets, 'groups' | 'sets'>,
): NewChange[] {
  const byEvent = new Map(outcomes.map(({ customerId, moves }) => [customerId, bySteps(moves)]));
  const taken = new Map<string, number>();
  return run.flatMap(({ event, resolution: { survivorId, isNew } }) => {
    const steps = taken.get(survivorId) ?? 0;
    taken.set(survivorId, steps + 1);
    const moves = byEvent.get(survivorId)?.get(steps) ?? [];
    const created = isNew ? [customerCreated(survivorId, event.occurredAt)] : [];
    return [...created, ...movesToChanges(survivorId, moves, rules)];
  });
}

/** Groups moves by the step during or before which they happened, counted from 0. */
const bySteps = (moves: readonly DatedMove[]) =>
  Map.groupBy(moves, ({ steps, eventId }) => (eventId === null ? steps : steps - 1));

export const customerCreated = (customerId: string, at: Date): NewChange => ({
  kind: 'CUSTOMER_CREATED',
  customerId,
  at,
  data: {},
});
